"""kill -9 at any moment of a check: the same call goes on, and ends with the verdicts of an undisturbed one."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.api.site import Reply, Site, moved, page, served

import linkhaul

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there is no kill -9 here")

KILLS = 6
SETTINGS: dict[str, Any] = {"confirm_after": 0.1, "retries": 1, "per_host": 4, "allow_private": True}
WORK = """
import json, sys
import linkhaul
from linkhaul.motion import ledger
ledger.COMMIT_EVERY_S = 0.1
job = json.loads(sys.argv[1])
linkhaul.check(job["url"], run=job["run"], **job["settings"])
"""


def made_site(other: str, pages: int = 40, delay_s: float = 0.01) -> dict[str, Reply | Sequence[Reply]]:
    """Return a site whose pages lead to a second one at `other`, with targets of every sort there; one server answers for both."""
    chance = random.Random(pages)
    made: dict[str, Reply | Sequence[Reply]] = {}
    for number in range(pages):
        far = chance.randrange(20)
        links = [f"/{chance.randrange(pages)}#s{number % 3}", f"/{number + 1}", "/gone", f"/flaky/{number % 7}", f"{other}/out/{far}#s1"]
        links += [f"{other}/out/{far}", f"{other}/long/{far}", f"{other}/back/{far}", f"{other}/none/{far}", f"/away/{far}"]
        links += [f"{other}/long/{far}#deep"] if number % 5 == 4 else []
        made[f"/{number}"] = Reply(page(*links).body + f'<p id="s{number % 3}">', delay_s=delay_s)
    for number in range(20):
        made[f"/out/{number}"] = Reply('<p id="s1">Out there', delay_s=delay_s)
        made[f"/long/{number}"] = Reply("long " * 10_000 + '<p id="deep">', delay_s=delay_s)
        made[f"/back/{number}"] = moved(f"/{number}", 301)
        made[f"/away/{number}"] = moved(f"{other}/out/{number}")
        made[f"/flaky/{number}"] = [Reply(status=503), Reply("", 404), page()] if number % 2 else [Reply(drops=True), page()]
    return made


def seen(run: Path) -> Mapping[str, tuple[Any, ...]]:
    """Return the verdict on each link URL of a run, with where it ended, and how many links lead there."""
    result = linkhaul.check(run, **SETTINGS)
    facts = {}
    for found in result:
        verdict = found.verdict
        facts[found.url] = (verdict.name, verdict.code, verdict.status, verdict.final_url, verdict.instead, len(found.places))
        assert verdict.name != "broken" or verdict.code == "fragment" or verdict.tries >= 2, found
    return facts


def started(site: Site, run: Path) -> subprocess.Popen[bytes]:
    job = json.dumps({"url": site.url("/0"), "run": str(run), "settings": SETTINGS})
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen([sys.executable, "-c", WORK, job], env=environment, cwd=run.parent)


def killed(process: subprocess.Popen[bytes], after_s: float) -> bool:
    """Kill a process after a while; return whether it was still at work."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(after_s)
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    return process.wait(30) == -signal.SIGKILL


@pytest.mark.timeout(100)
def test_kills_change_no_verdict(tmp_path: Path) -> None:
    """Killed again and again, a check ends with the same verdicts: second tries, fragments and made-up addresses are in the run file."""
    with served({}) as site:
        site.pages = made_site(f"http://localhost:{site.port}")
        begun = time.monotonic()
        assert started(site, tmp_path / "whole.run").wait(60) == 0
        whole_s = time.monotonic() - begun
        chance = random.Random(5)
        kills = runs = 0
        while kills < KILLS:
            site.forget()
            run = tmp_path / f"{runs}.run"
            landed = 0
            while landed < 5 and killed(started(site, run), chance.uniform(0.3, whole_s)):
                landed += 1
            assert started(site, run).wait(60) == 0
            assert seen(run) == seen(tmp_path / "whole.run")
            with closing(sqlite3.connect(run)) as db:
                assert db.execute("SELECT count(*) FROM visit v LEFT JOIN url u ON u.visit = v.id WHERE u.id IS NULL").fetchone() == (0,)
                assert db.execute("SELECT count(*) FROM sign WHERE visit NOT IN (SELECT id FROM visit)").fetchone() == (0,)
            kills += landed
            runs += 1
