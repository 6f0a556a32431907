"""Whether a host slows under the load we put on it, told from its answer times alone.

How this works
--------------
Answer times differ for many reasons: pages are unlike, our own process pauses, the host was always slow. The one that
concerns politeness is that the host answers later *because* we ask it several things at once. So two numbers of the
same kind are compared:

* **idle**: the middle of the last answers that were *alone*, with nothing else of ours in flight to that host (a little
  above the middle: a few answers of unlike pages must not make the host look quicker than it is);
* **seen**: the median of one round of answers that were not. A round is at least three times the window, so that one
  pause of our own process, which delays everything in flight just then, cannot reach the median.

While `seen` stays under `idle * PATIENCE` (or under `idle + SLACK_S`, which no server suffers from) nothing happens.
Above, `feed` answers the factor that brings the window back (Little's law: answer time is in proportion to what is in
flight once a server is saturated, whatever saturates it).

A fast host never needs an idle number: nothing is measured until a round is suspicious against the least answer time
ever seen. Then the host is *probed*: `is_probing` asks for one request at a time until PROBE answers were alone. Pages that
are slow by nature are told apart by this, and the window is left as it was.

Rejected: comparing with the least answer time only (TCP Vegas): one quick 404 makes every page look slow, and the
window stays at 1 for ever. Comparing short with long averages (Gradient): a server that is slow from our first
request on is never found out.
"""

from __future__ import annotations

from collections import deque

PATIENCE = 1.5
"""How many times its idle answer time a host may take before its window shrinks; below 2, so that the median stays there."""
AIM = 1.25
"""What a shrinking window aims at, so that it does not have to shrink again at once."""
SLACK_S = 0.010
"""Answer times are never thought slow by less than this: it is our own loop's noise."""
PROBE = 7
"""Lonely answers that one probe takes."""
FRESH = 1024
"""Answers after which an idle number has to be measured again: a probe then costs under one answer in a hundred."""
ROUND = 8
"""Answers that a round has at least."""


class Load:
    """Answer times of one host, and the window that suits them."""

    __slots__ = ("_alone", "_before", "_round", "age", "idle_s", "is_probing", "least_s")

    def __init__(self) -> None:
        self.is_probing = False
        self.idle_s: float | None = None
        self.least_s = float("inf")
        self.age = 0
        self._alone: deque[float] = deque(maxlen=PROBE)
        self._round: list[float] = []
        self._before = 0.0

    def feed(self, latency_s: float, window: float, *, alone: bool) -> float | None:
        """Take one answer time; return what to multiply the window by when the host slows, 1.0 after a clean round, else None."""
        self.least_s = min(self.least_s, latency_s)
        if alone:
            return self._lonely(latency_s)
        if self.is_probing:
            return None
        self._round.append(latency_s)
        if len(self._round) < ROUND or len(self._round) < 3 * window:
            return None
        return self._judge()

    def is_slow(self, latency_s: float) -> bool:
        """Return whether one answer is slow against the best known of the host: a hint to grow no faster, no verdict."""
        return latency_s > _bound(self.least_s if self.idle_s is None else self.idle_s, PATIENCE)

    def forget_round(self) -> None:
        """Begin a new round: the window has changed."""
        self._round.clear()

    def _lonely(self, latency_s: float) -> float | None:
        self._alone.append(latency_s)
        if len(self._alone) < PROBE:
            return None
        self.idle_s = sorted(self._alone)[PROBE * 3 // 5]
        self.age = 0
        if not self.is_probing:
            return None
        self.is_probing = False
        return _factor(self._before, self.idle_s)

    def _judge(self) -> float | None:
        times = sorted(self._round)
        seen = times[len(times) // 2]
        self.age += len(times)
        self._round.clear()
        if self.idle_s is not None and seen < self.idle_s:
            self.idle_s = seen  # under load it was quicker: so idle it is at least as quick
            self._alone.clear()
        if self.idle_s is not None and self.age < FRESH:
            return _factor(seen, self.idle_s)
        if seen <= _bound(self.least_s, PATIENCE):
            return 1.0
        self._before = seen
        self._alone.clear()
        self.is_probing = True
        return None


def _bound(idle_s: float, times: float) -> float:
    return max(idle_s * times, idle_s + SLACK_S)


def _factor(seen_s: float, idle_s: float) -> float:
    return 1.0 if seen_s <= _bound(idle_s, PATIENCE) else _bound(idle_s, AIM) / seen_s
