"""What one request learns on the way to its connection: when what happened, and which address it was."""

from __future__ import annotations

from linkhaul.model.records import Timings


class Journey:
    """What happened on the way to one reply; times by `perf_counter`, None for what did not happen.

    Attributes:
        began_at: when the connection was asked for.
        socket_at: when the first socket was made, the name being known; None when a connection was reused.
        connected_at: when the request could be sent.
        address: what was connected to, or would have been.
        refused: the address that the guard refused last, and why.
        is_allowed: whether any address was tried.
    """

    __slots__ = ("address", "began_at", "connected_at", "is_allowed", "refused", "socket_at")

    def __init__(self, began_at: float) -> None:
        self.began_at = began_at
        self.socket_at: float | None = None
        self.connected_at: float | None = None
        self.address: str | None = None
        self.refused: tuple[str, str] | None = None
        self.is_allowed = False

    def timings(self, answered_at: float | None, ended_at: float) -> Timings:
        """Return the seconds of each phase that happened.

        Args:
            answered_at: when the status line and headers were there.
            ended_at: when the body was read, or the request failed.
        """
        dns_s = connect_s = wait_s = read_s = None
        if self.socket_at is not None:
            dns_s = self.socket_at - self.began_at
            connect_s = (self.connected_at or ended_at) - self.socket_at
        if self.connected_at is not None:
            wait_s = (answered_at or ended_at) - self.connected_at
        if answered_at is not None:
            read_s = ended_at - answered_at
        return Timings(dns_s, connect_s, wait_s, read_s)


class GuardRefusal(OSError):
    """Every address of a host is one that the guard forbids; the last is in `Journey.refused`."""


class ProxyFault(OSError):
    """The proxy cannot be reached, or does not open a way.

    Attributes:
        status: what it answered; None when it did not.
        unknown_name: its name, when that is not in the DNS.
    """

    def __init__(self, status: int | None = None, unknown_name: str | None = None) -> None:
        super().__init__("the proxy does not open a way")
        self.status = status
        self.unknown_name = unknown_name
