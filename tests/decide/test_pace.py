"""The pace of one host: window, space, hold."""

from __future__ import annotations

import heapq
import random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhaul.decide.pace import LONGEST_PAUSE_S, Pace, Signal, signal_of
from linkhaul.model.records import Failure, FailureKind, Reply, Timings


def good(started_at: float, latency_s: float | None = 0.001) -> Signal:
    return Signal("good", started_at, latency_s)


def trouble(started_at: float) -> Signal:
    return Signal("trouble", started_at)


def grown(pace: Pace, answers: int) -> Pace:
    """Give a pace so many good answers at time 0, its window always full."""
    for _ in range(answers):
        while pace.may_start(0.0):
            pace.started(0.0)
        pace.finished(0.0, good(0.0))
    while pace.in_flight:
        pace.finished(0.0, good(0.0))
    return pace


def test_window_starts_at_two_and_never_above_per_host() -> None:
    """A new host is asked two things at once, or one where no more is allowed."""
    assert Pace(8, 0.0).window == 2
    assert Pace(1, 0.0).window == 1


def test_window_doubles_per_round_trip_until_trouble() -> None:
    """Before the first trouble every good answer of a full window adds one, up to per_host."""
    assert grown(Pace(8, 0.0), 3).window >= 5
    assert grown(Pace(8, 0.0), 50).window == 8


def test_window_that_is_not_used_does_not_grow() -> None:
    """Answers one at a time prove nothing about six at a time."""
    pace = Pace(16, 0.0)
    for _ in range(100):
        pace.started(0.0)
        pace.finished(0.0, good(0.0))
    assert pace.window <= 3


def test_trouble_halves_once_per_flight() -> None:
    """What was under way when the window was halved does not halve it again; what began later does."""
    pace = grown(Pace(8, 0.0), 50)
    for _ in range(8):
        pace.started(1.0)
    for _ in range(8):
        pace.finished(2.0, trouble(1.0))
    assert pace.window == 4
    pace.started(3.0)
    pace.finished(4.0, trouble(3.0))
    assert pace.window == 2


def test_trouble_at_a_window_of_one_grows_a_pause_that_good_answers_take_back() -> None:
    """Where nothing is left to halve, the pause between starts doubles up to a ceiling, and goes with good answers."""
    pace, now, pauses = Pace(1, 0.0), 0.0, []
    for _ in range(12):
        pace.started(now)
        pace.finished(now, trouble(now))
        due = pace.due_at(now)
        assert due is not None
        pauses.append(due - now)
        now = due
    assert pauses[:3] == [0.5, 1.0, 2.0]
    assert pauses[-1] == LONGEST_PAUSE_S
    for _ in range(8):
        pace.started(now)
        pace.finished(now, good(now))
        now = pace.due_at(now) or now
    pace.started(now)
    pace.finished(now, good(now))
    assert pace.due_at(now) == now


def test_troubles_count_in_a_row() -> None:
    """The engine sees how long nothing good has come from a host."""
    pace = Pace(4, 0.0)
    for kind in ("trouble", "neutral", "trouble"):
        pace.started(0.0)
        pace.finished(0.0, Signal(kind, 0.0))
    assert pace.troubles == 2
    pace.started(0.0)
    pace.finished(0.0, good(0.0))
    assert pace.troubles == 0


def test_due_is_none_while_the_window_is_full() -> None:
    """A full window has no due time: the next finished request makes one."""
    pace = Pace(1, 0.0)
    assert pace.due_at(5.0) == 5.0
    pace.started(5.0)
    assert pace.due_at(5.0) is None
    pace.finished(6.0, good(5.0))
    assert pace.due_at(6.0) == 6.0


def test_gap_is_counted_from_start_to_start() -> None:
    """The gap is between starts, however long the answer takes."""
    pace = Pace(4, 2.0)
    pace.started(10.0)
    assert pace.due_at(10.5) == 12.0
    assert not pace.may_start(11.9)
    assert pace.may_start(12.0)


def test_retry_after_holds_the_whole_host() -> None:
    """Nothing starts before the time that the host asked for, and a shorter hold does not take a longer one back."""
    pace = Pace(4, 0.0)
    pace.started(0.0)
    pace.finished(1.0, Signal("trouble", 0.0, None, 30.0))
    assert pace.due_at(1.0) == 31.0
    pace.hold_until(5.0)
    assert pace.due_at(1.0) == 31.0


def test_crawl_delay_means_one_at_a_time_and_never_sooner_than_our_gap() -> None:
    """A Crawl-delay makes the window 1; it slows us down and never speeds us up; 0 takes it back."""
    pace = grown(Pace(8, 1.0), 1)
    pace.set_gap(0.5)
    pace.started(10.0)
    assert pace.due_at(10.0) is None
    pace.finished(10.1, good(10.0))
    assert pace.due_at(10.1) == 11.0
    pace.set_gap(2.5)
    assert pace.due_at(10.1) == 12.5
    pace.set_gap(0.0)
    pace.started(20.0)
    assert pace.due_at(20.0) == 21.0


def test_a_restored_pace_is_as_polite_as_it_was() -> None:
    """Window, pause, Crawl-delay and what is left of the hold survive; the space counts anew."""
    pace = grown(Pace(8, 0.0), 50)
    pace.started(1.0)
    pace.finished(2.0, Signal("trouble", 1.0, None, 60.0))
    pace.set_gap(3.0)
    again = Pace(8, 0.0, pace.snapshot(12.0), now=1000.0)
    assert again.window == pace.window
    assert again.due_at(1000.0) == 1050.0
    rested = Pace(8, 0.0, pace.snapshot(500.0), now=1000.0)
    assert rested.due_at(1000.0) == 1003.0
    rested.started(1003.0)
    assert rested.due_at(1003.0) is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, "good"),
        (404, "good"),
        (301, "good"),
        (429, "trouble"),
        (503, "trouble"),
        (504, "trouble"),
        (500, "neutral"),
        (None, "neutral"),
    ],
)
def test_signal_of_a_status(status: int | None, kind: str) -> None:
    """Overload is trouble; a missing page is a good answer; a 500 says nothing of the host."""
    assert signal_of(Reply("http://x/", status), 0.0).kind == kind


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        ("refused", "trouble"),
        ("reset", "trouble"),
        ("connect-timeout", "trouble"),
        ("read-timeout", "trouble"),
        ("dns", "neutral"),
        ("too-large", "neutral"),
    ],
)
def test_signal_of_a_failure(failure: FailureKind, kind: str) -> None:
    """No connection and no answer in time are trouble, with a 200 before them too."""
    assert signal_of(Reply("http://x/", 200, failure=Failure(failure, "")), 0.0).kind == kind


def test_signal_takes_the_time_to_the_first_byte_of_pages_only() -> None:
    """A large body is no slow server; an error page or a redirect is no fast one."""
    timings = Timings(wait_s=0.2)
    assert signal_of(Reply("http://x/", 200, timings=timings, total_s=9.0), 1.5) == Signal("good", 1.5, 0.2, None)
    assert signal_of(Reply("http://x/", 404, timings=timings), 0.0).latency_s is None
    assert signal_of(Reply("http://x/", 302, timings=timings, retry_after_s=4.0), 0.0).retry_after_s == 4.0


class Server:
    """A queue before so many workers; each answer takes `service_s`, with some noise."""

    def __init__(self, workers: int, service_s: float, noise: float) -> None:
        self.free_at = [0.0] * workers
        self.service_s = service_s
        self.noise = noise
        self.chance = random.Random(7)

    def answered_at(self, now: float) -> float:
        takes = self.service_s * self.chance.uniform(1 - self.noise, 1 + self.noise)
        end = max(heapq.heappop(self.free_at), now) + takes
        heapq.heappush(self.free_at, end)
        return end


def latencies(server: Server, pace: Pace, requests: int) -> list[float]:
    """Return the answer times of so many requests, each begun as soon as the pace lets it."""
    now, started = 0.0, 0
    found: list[float] = []
    under_way: list[tuple[float, float]] = []
    while len(found) < requests:
        while started < requests and pace.may_start(now):
            pace.started(now)
            heapq.heappush(under_way, (server.answered_at(now), now))
            started += 1
        now, began = heapq.heappop(under_way)
        found.append(now - began)
        pace.finished(now, good(began, now - began))
    return found


@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("service_s", [0.02, 0.05, 0.5])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_weak_server_answers_within_twice_its_idle_time(workers: int, service_s: float, noise: float) -> None:
    """The window shrinks to what the server can do, where ten at a time would drive its answer time to ten times."""
    assert median(latencies(Server(workers, service_s, noise), Pace(10, 0.0), 400)) <= 2.0 * service_s


def test_a_strong_server_keeps_its_whole_window() -> None:
    """Answer times that do not depend on us do not shrink the window, slow and uneven as they may be."""
    pace = Pace(10, 0.0)
    latencies(Server(100, 0.2, 0.4), pace, 1000)
    assert pace.window > 7


def test_a_pause_of_our_own_does_not_shrink_the_window() -> None:
    """One round of late answers, as when our process stands still, is not the server's fault."""
    pace, now = grown(Pace(8, 0.0), 50), 1.0
    for turn in range(60):
        late = 0.3 if turn == 30 else 0.001
        for _ in range(8):
            pace.started(now)
        for _ in range(8):
            pace.finished(now + late, good(now, late))
        now += 0.5
    assert pace.window == 8
    assert pace.due_at(now) == now


EVENTS = st.tuples(
    st.sampled_from(["good", "trouble", "neutral"]),
    st.floats(0, 5),
    st.floats(0, 3),
    st.none() | st.floats(0, 50),
    st.none() | st.floats(0, 4),
)


@given(per_host=st.integers(1, 6), gap_s=st.sampled_from([0.0, 0.3, 2.0]), events=st.lists(EVENTS, max_size=60), restart=st.integers(0, 60))
def test_a_schedule_never_breaks_its_pace(
    per_host: int, gap_s: float, events: list[tuple[str, float, float, float | None, float | None]], restart: int
) -> None:
    """Whatever the replies, in flight stays within per_host and the window, and starts keep the gap, the delay and the hold."""
    pace, now, last_start, held_until, delay_s = Pace(per_host, gap_s), 0.0, -1e9, -1e9, 0.0
    under_way: list[float] = []
    for number, (kind, passes, takes, retry_after_s, crawl_delay_s) in enumerate(events):
        if number == restart:
            pace, under_way, last_start = Pace(per_host, gap_s, pace.snapshot(now), now=now), [], now
        due = pace.due_at(now)
        assert due is None or due >= now
        if due is not None and due <= now + passes:
            now = due
            assert pace.may_start(now)
            assert now >= held_until
            assert now - last_start >= max(gap_s, delay_s) - 1e-9
            pace.started(now)
            under_way.append(now)
            last_start = now
            assert len(under_way) == pace.in_flight <= (1 if delay_s else per_host)
        now += takes
        if under_way and (number % 2 or due is None):
            pace.finished(now, Signal(kind, under_way.pop(0), takes, retry_after_s))  # type: ignore[arg-type]
            held_until = max(held_until, now + (retry_after_s or -1e9))
        if crawl_delay_s is not None and not under_way:
            delay_s = crawl_delay_s
            pace.set_gap(delay_s)
        assert 1 <= pace.window <= per_host
