"""What a program is told that interrupts a call."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from tests.api.site import Reply, served

import linkhaul

SCRIPT = """
import sys, linkhaul
linkhaul.links([sys.argv[1], sys.argv[1] + "?2"], "links.csv", run="x.run")
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows cannot send Ctrl-C to one process of a console alone")
def test_an_interrupted_script_says_what_is_kept() -> None:
    """Below the traceback of a KeyboardInterrupt stands where the rows are and how to go on."""
    with served({"/": Reply("<a href=/a>a</a>", delay_s=0.5)}) as site:
        process = subprocess.Popen([sys.executable, "-c", SCRIPT, site.url()], stderr=subprocess.PIPE, text=True)
        while not site.asked["/"]:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
    *_, kind, note = told.splitlines()
    assert kind == "KeyboardInterrupt"
    assert note.startswith(
        "linkhaul: every page read until then, and its links, are kept in x.run; the same call goes on (fresh=True starts over)"
    )
    assert note.endswith("and so does linkhaul.open_run('x.run').resume()")


async def test_a_cancelled_call_says_what_is_kept() -> None:
    """The exception of a cancelled `alinks` carries the same note."""
    task = asyncio.create_task(linkhaul.alinks(endless(), run="x.run"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await task
    assert cancelled.value.__notes__[0].startswith("linkhaul: every page read until then, and its links, are kept in x.run")


def endless() -> Iterator[str]:
    """Yield sources that lead nowhere, and never end."""
    while True:
        yield "no url"
