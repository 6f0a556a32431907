"""How hard one host may be asked just now.

How this works
--------------
A pace has a **window** (requests in flight), a **space** (seconds from start to start) and a **hold** (nothing before).

* The window starts at 2 and grows with the good answers while it is used to the full: by 1 per answer until the first
  sign of trouble (so it doubles per round trip), from then on by `step` per round trip.
* *Trouble* (429, 502, 503, 504, no connection, no answer in time) halves it. Requests that were under way when it was
  cut say nothing new: their trouble does not cut it again.
* At a window of 1 there is nothing left to halve: trouble then doubles a **pause** between starts, which good answers
  halve again before the window may grow.
* A host that answers later the more we ask has its window cut to what it can do (see `decide.load`).
* A Retry-After is a hold. A Crawl-delay makes the window 1 and is counted from start to start.

Invariants: in flight never exceeds the window at the time of the start, nor `per_host`; no start before the hold, nor
sooner than the space after the last start. Nothing here sleeps, reads a clock or draws a random number: times are
arguments, in monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from linkhaul.decide.load import Load
from linkhaul.model.records import FailureKind, Reply

FIRST_WINDOW = 2.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
TROUBLE_STEP = 0.25
"""Growth per round trip after trouble: a host that says 'too many' is not asked as many again at once."""
SLOW_STEP = 1 / 32
"""Growth per round trip after the host slowed: it is then mostly at the window it can do, and seldom tried above it."""

TROUBLE_STATUSES = frozenset({429, 502, 503, 504})
TROUBLE_FAILURES: frozenset[FailureKind] = frozenset({"refused", "reset", "connect-timeout", "read-timeout", "network"})

SignalKind = Literal["good", "trouble", "neutral"]


class Signal(NamedTuple):
    """What one finished request says of its host.

    Attributes:
        kind: good, trouble, or neutral (it says nothing: a bad name, a page too large).
        started_at: when the request began, monotonic seconds.
        latency_s: from the request to the first byte; None when it is not comparable with a page's.
        retry_after_s: how long the host asked us to stay away.
    """

    kind: SignalKind
    started_at: float
    latency_s: float | None = None
    retry_after_s: float | None = None


def signal_of(reply: Reply, started_at: float) -> Signal:
    """Return what a reply says of its host.

    Only a 2xx has a latency: redirects and error pages cost a server less than pages. A 500 is neutral: it is as often
    the fault of one page. Retry-After counts with every status but 2xx.
    """
    status, failure, wait_s = reply.status, reply.failure, reply.timings.wait_s
    if failure is None and status is not None and 200 <= status < 300:
        return Signal("good", started_at, reply.total_s if wait_s is None else wait_s)
    if status in TROUBLE_STATUSES or (failure is not None and failure.kind in TROUBLE_FAILURES):
        return Signal("trouble", started_at, None, reply.retry_after_s)
    is_neutral = failure is not None or status is None or status >= 500
    return Signal("neutral" if is_neutral else "good", started_at, None, reply.retry_after_s)


class Pace:
    """The window, space and hold of one host.

    Args:
        per_host: the largest window, >= 1.
        gap_s: the shortest time from start to start, in seconds.
        saved: what `snapshot` gave in an earlier process. The space counts anew from `now`: a request may have begun
            after the snapshot was taken.
        now: monotonic seconds; needed with `saved` only.

    Attributes:
        window: how many requests may be in flight; its whole part counts.
        in_flight: how many are.
        troubles: how often in a row there was trouble, with nothing good between.
    """

    __slots__ = (
        "_ceiling", "_crawl_delay_s", "_crowded_at", "_cut_at", "_free_at", "_gap_s", "_hold", "_last_start", "_limit",
        "_load", "_pause_s", "_per_host", "_step", "in_flight", "troubles", "window",
    )  # fmt: skip

    def __init__(self, per_host: int, gap_s: float, saved: Mapping[str, float] | None = None, now: float = 0.0) -> None:
        state = saved or {}
        self._per_host = self._ceiling = max(1, per_host)
        self._gap_s = gap_s
        self._crawl_delay_s = state.get("crawl_delay_s", 0.0)
        self._pause_s = state.get("pause_s", 0.0)
        self._step = state.get("step", 0.0)  # 0: nothing went wrong yet, the window doubles per round trip
        self._load = Load()
        self._load.idle_s = state.get("idle_s")
        self.window = min(state.get("window", FIRST_WINDOW), self._per_host)
        self.in_flight = 0
        self.troubles = int(state.get("troubles", 0))
        self._cut_at = self._crowded_at = self._last_start = float("-inf")
        self._hold = float("-inf")
        if saved is not None:
            self._last_start = now
            self._hold = now + state.get("hold_s", 0.0)
        self.set_gap(self._crawl_delay_s)

    def due_at(self, now: float) -> float | None:
        """Return the earliest time at which a request may start, never before `now`; None while the window is full."""
        if self.in_flight >= self._limit:
            return None
        return max(now, self._free_at)

    def may_start(self, now: float) -> bool:
        """Return whether a request may start now."""
        return self._free_at <= now and self.in_flight < self._limit

    def started(self, now: float) -> None:
        """Count a request that begins now."""
        self.in_flight += 1
        if self.in_flight > 1:
            self._crowded_at = now
        self._last_start = now
        self._fit()

    def finished(self, now: float, signal: Signal) -> None:
        """Count a request that ended now, and learn from how it ended."""
        was_full = self.in_flight + 1 >= self._limit  # one less: two may end before the engine fills up again
        if self.in_flight > 1:
            self._crowded_at = now
        self.in_flight -= 1
        if signal.kind == "good":
            self.troubles = 0
            self._grow(now, signal, was_full=was_full)
        elif signal.kind == "trouble":
            self.troubles += 1
            self._shrink(now, signal)
        if signal.retry_after_s is not None:
            self.hold_until(now + signal.retry_after_s)
        self._fit()

    def hold_until(self, time: float) -> None:
        """Let nothing start before this time."""
        self._hold = max(self._hold, time)
        self._fit()

    def set_gap(self, gap_s: float) -> None:
        """Keep a Crawl-delay of so many seconds; 0 takes it back. It never makes us faster than our own gap."""
        self._crawl_delay_s = gap_s
        self._ceiling = 1 if gap_s > 0 else self._per_host
        self._fit()

    def snapshot(self, now: float) -> dict[str, float]:
        """Return what a later process needs to go on as politely; times are relative to `now`."""
        state = {
            "window": self.window,
            "step": self._step,
            "pause_s": self._pause_s,
            "crawl_delay_s": self._crawl_delay_s,
            "hold_s": max(0.0, self._hold - now),
            "troubles": float(self.troubles),
        }
        return state if self._load.idle_s is None else {**state, "idle_s": self._load.idle_s}

    def _fit(self) -> None:
        self._limit = 1 if self._load.is_probing else min(int(self.window), self._ceiling)
        self._free_at = max(self._hold, self._last_start + max(self._gap_s, self._crawl_delay_s, self._pause_s))

    def _grow(self, now: float, signal: Signal, *, was_full: bool) -> None:
        if self._pause_s:
            self._pause_s = self._pause_s / 2 if self._pause_s > FIRST_PAUSE_S else 0.0
            return
        if was_full and self.window < self._ceiling:  # a window that is not used proves nothing
            self.window = min(self._per_host, self.window + (self._step / self.window if self._step else 1.0))
        if signal.latency_s is None or signal.started_at < self._cut_at:
            return
        if not self._step and self._load.is_slow(signal.latency_s):
            self._step = 1.0
        factor = self._load.feed(signal.latency_s, self.window, alone=signal.started_at > self._crowded_at)
        if factor is None:
            return
        if factor < 1.0:
            self._cut(now, factor, SLOW_STEP)
        elif self._step:
            self._step = min(1.0, self._step * 2)

    def _shrink(self, now: float, signal: Signal) -> None:
        if signal.started_at < self._cut_at:
            return
        if self._limit == 1:
            self._pause_s = min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S, self._pause_s * 2))
            self.hold_until(now + self._pause_s)
        self._cut(now, 0.5, TROUBLE_STEP)

    def _cut(self, now: float, factor: float, step: float) -> None:
        self.window = max(1.0, self.window * factor)
        self._step = min(step, self._step) if self._step else step
        self._cut_at = now
        self._load.forget_round()
