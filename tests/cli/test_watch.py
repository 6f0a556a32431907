"""What a watcher says of a job, and what it does about an interrupt."""

from __future__ import annotations

import io
import json
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from linkhaul.cli.log import Log
from linkhaul.cli.talk import LEFT, Talk
from linkhaul.cli.watch import Eyes, Interrupts, Troubles, Watch
from linkhaul.model.records import Failure, Target, Visit
from linkhaul.motion.progress import Progress


class FakeJob:
    """A job that ends after some looks; each look is a step of a story."""

    def __init__(self, *steps: Any) -> None:
        self.progress = Progress(done=3, waiting=4, in_flight=2)
        self.stops = 0
        self._steps = iter(steps)

    def join(self, _seconds: float) -> bool:
        step = next(self._steps, None)
        if step is None:
            return True
        step()
        return False

    def stop(self) -> None:
        self.stops += 1

    def result(self) -> Progress:
        return self.progress


def watched(job: FakeJob, *, is_verbose: bool = False, log: Log | None = None, troubles: Troubles | None = None) -> list[str]:
    """Return what is said while a job is watched."""
    stream = io.StringIO()
    talk = Talk(stream)
    talk.is_verbose = is_verbose
    Watch(job, Eyes(talk, troubles or Troubles(), None, log)).until_end()  # type: ignore[arg-type]
    return stream.getvalue().splitlines()


def failed(url: str) -> Visit:
    """Return a visit whose server hung up, with an escape in its sentence."""
    return Visit(Target(1, url, "http://a.example"), url, "failed", 0.0, failure=Failure("reset", "it hung \x1b[2J up"))


def test_off_a_terminal_a_plain_line_comes_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """No line before its time; one whole line each time it is due."""
    now = iter([0.0, 9.9, 10.0, 10.1, 19.9, 20.0])
    monkeypatch.setattr("linkhaul.cli.watch.time", SimpleNamespace(monotonic=lambda: next(now)))
    said = watched(FakeJob(*[lambda: None] * 5))
    assert len(said) == 2
    assert all(line.startswith("3 of 7+ known pages done · 2 waiting · 2 in flight") for line in said)


def test_notices_are_said_once_and_in_order() -> None:
    """What the engine notes is said at the next look, the last ones at the end."""
    job = FakeJob()
    job = FakeJob(lambda: job.progress.notices.append("first"), lambda: None, lambda: job.progress.notices.append("second"))
    assert watched(job) == ["first", "second"]


def test_failures_are_told_under_v_and_in_the_log(folder: Path) -> None:
    """Each failure is one harmless line, and one event; what went well is neither."""
    troubles = Troubles()
    troubles.note(failed("http://a.example/"))
    troubles.note(Visit(Target(1, "http://a.example/ok", "http://a.example"), "http://a.example/ok", "ok", 0.0))
    troubles.note(Visit(Target(1, "http://a.example/4", "http://a.example"), "http://a.example/4", "http-error", 0.0, status=404))
    with Log("log.jsonl") as log:
        said = watched(FakeJob(lambda: None), is_verbose=True, log=log, troubles=troubles)
    assert said == ["reset: http://a.example/: it hung ␛[2J up", "404: http://a.example/4: the answer was 404"]
    events = [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(event["event"], event["kind"], event["url"]) for event in events] == [
        ("failure", "reset", "http://a.example/"),
        ("failure", "404", "http://a.example/4"),
    ]


def test_an_interrupt_stops_the_job_until_it_hears_it() -> None:
    """A job that has not begun does not hear the first call, so it is called at each look; that is said once."""
    job = FakeJob(lambda: signal.raise_signal(signal.SIGTERM), lambda: None, lambda: None)
    before = signal.getsignal(signal.SIGTERM)
    said = watched(job)
    assert job.stops == 3
    assert said == ["stopping: five seconds for 2 requests in flight; Ctrl-C again leaves at once"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_only_a_second_ctrl_c_leaves_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A supervisor that says SIGTERM twice does not cut the job off; Ctrl-C after a first request does."""
    left: list[int] = []
    monkeypatch.setattr("linkhaul.cli.watch.os._exit", left.append)
    with Interrupts().listen() as interrupts:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert (interrupts.count, left) == (1, [])
        signal.raise_signal(signal.SIGINT)
    assert left == [130]


@pytest.mark.parametrize(
    ("is_terminal", "is_quiet", "expected"), [(False, False, f"{LEFT}\n"), (True, False, f"\n{LEFT}\n"), (True, True, "\n")]
)
def test_who_leaves_at_once_says_what_is_kept(monkeypatch: pytest.MonkeyPatch, is_terminal: bool, is_quiet: bool, expected: str) -> None:
    """One sentence past Python's buffers, on a terminal below the line that was drawn; -q says nothing."""
    words: list[bytes] = []
    monkeypatch.setattr("linkhaul.cli.watch.os", SimpleNamespace(write=lambda _, word: words.append(word), _exit=lambda _: None))
    monkeypatch.setattr("linkhaul.cli.watch.sys", SimpleNamespace(stderr=SimpleNamespace(fileno=lambda: 2)))
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: is_terminal)
    talk = Talk(stream)
    talk.is_quiet = is_quiet
    job = FakeJob(lambda: signal.raise_signal(signal.SIGINT), lambda: signal.raise_signal(signal.SIGINT))
    Watch(job, Eyes(talk, Troubles())).until_end()  # type: ignore[arg-type]
    assert b"".join(words).decode() == expected


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    """Who starts us with nohup or '&' wants the signal ignored."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interrupts().listen() as interrupts:
            signal.raise_signal(signal.SIGINT)
            assert interrupts.count == 0
    finally:
        signal.signal(signal.SIGINT, before)
