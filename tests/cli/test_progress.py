"""The line, the talk and the summary's words."""

from __future__ import annotations

import io
from collections import Counter

from linkhaul.cli.progress import Gauge, fitting
from linkhaul.cli.remedies import remedy
from linkhaul.cli.summary import duration, plural
from linkhaul.cli.talk import Talk
from linkhaul.model.records import FAILURE_KINDS
from linkhaul.motion.progress import Progress


def test_the_line_says_what_is_counted() -> None:
    """Done, known (with + while sources are open), waiting, in flight, failures by kind, speeds of the last seconds."""
    gauge = Gauge()
    gauge.line(Progress(waiting=10), 100.0)
    failures = Counter({"404": 8, "dns": 3, "reset": 2, "tls": 1, "refused": 1})
    progress = Progress(done=1_000, done_before=500, waiting=70, in_flight=64, links=20_000, bytes=5_000_000, failures=failures)
    assert gauge.line(progress, 102.0) == (
        "1,500 of 1,570+ known pages done · 6 waiting · 64 in flight · 15 failed (404 8, dns 3, reset 2, others 2)"
        " · 500 pages/s · 20,000 links · 2.5 MB/s"
    )


def test_the_line_says_when_nothing_is_due() -> None:
    """A run that only waits for its hosts says so instead of showing a speed of nothing alone."""
    gauge = Gauge()
    progress = Progress(waiting=3, sources_open=False)
    gauge.line(progress, 0.0)
    assert "0 of 3 known pages done · 3 waiting · 0 in flight · none may be asked just now" in gauge.line(progress, 9.0)


def test_the_line_says_what_is_being_read() -> None:
    """Pages that are with a reader are neither waiting nor in flight, and nobody waits for a host because of them."""
    gauge = Gauge()
    progress = Progress(done=936, waiting=64, being_read=64, sources_open=False)
    gauge.line(progress, 0.0)
    assert (
        gauge.line(progress, 9.0)
        == "936 of 1,000 known pages done · 0 waiting · 0 in flight · 64 being read · 0 pages/s · 0 links · 0.0 MB/s"
    )


def test_speeds_are_those_of_the_last_seconds() -> None:
    """What was quick a minute ago does not flatter the speed of now."""
    gauge = Gauge()
    gauge.line(Progress(done=0), 0.0)
    lines = [gauge.line(Progress(done=1_000), float(second)) for second in range(1, 20)]
    assert "· 1,000 pages/s" in lines[0]
    assert "· 0 pages/s" in lines[-1]


def test_the_line_fits() -> None:
    """Parts that do not fit are left out from the end, whole."""
    assert fitting(["one", "two", "three"], 9) == "one · two"
    assert fitting(["one", "two"], 1) == "one"


def test_every_kind_of_failure_has_its_own_remedy() -> None:
    """No kind of failure is met with the sentence for the unknown."""
    assert [kind for kind in FAILURE_KINDS if remedy(kind) == remedy("418")] == []
    assert remedy("503") == "the site has a fault: try again later"


def test_counts_and_times_read_well() -> None:
    """One page, two pages; seconds, minutes, hours."""
    assert (plural(1, "page"), plural(1_200, "row")) == ("1 page", "1,200 rows")
    assert [duration(s) for s in (0.42, 200, 7_500)] == ["0.4 s", "3 min 20 s", "2 h 5 min"]


class _Closed(io.StringIO):
    def write(self, _text: str) -> int:
        raise BrokenPipeError


def test_talk_never_stops_a_job() -> None:
    """A stderr that was closed is no reason to fail."""
    Talk(_Closed()).say("anything")


def test_a_drawn_line_is_taken_away_before_a_sentence() -> None:
    """The line leaves no letters behind, and a shorter one covers a longer one."""
    stream = io.StringIO()
    talk = Talk(stream)
    talk.draw("a long line")
    talk.draw("short")
    talk.say("said \x1b[2J")
    assert stream.getvalue() == "\ra long line\rshort      \r     \rsaid ␛[2J\n"


def test_quiet_talk_says_errors_only() -> None:
    """Under -q nothing but an error is said."""
    stream = io.StringIO()
    talk = Talk(stream)
    talk.is_quiet = talk.is_verbose = True
    talk.say("a")
    talk.detail("b")
    talk.error("c")
    assert stream.getvalue() == "c\n"
