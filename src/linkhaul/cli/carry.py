"""One job carried out before the person's eyes: begun, watched, and told about at its end."""

from __future__ import annotations

import msgspec

from linkhaul.api.job import Job
from linkhaul.api.request import Request
from linkhaul.api.run_file import acknowledge
from linkhaul.api.runs import Run
from linkhaul.cli import exits
from linkhaul.cli.flags import with_flag
from linkhaul.cli.log import Log
from linkhaul.cli.outputs import Outputs
from linkhaul.cli.summary import Ended, tell
from linkhaul.cli.table import LinkTable
from linkhaul.cli.talk import Talk
from linkhaul.cli.watch import Eyes, Troubles, Watch
from linkhaul.config import stored
from linkhaul.crew import memory

AT_THE_END = "interrupted at the end; all that was read is kept, and the same command says where it is"


def carry_out(request: Request, outputs: Outputs, talk: Talk, log: Log | None = None) -> int:
    """Do a job, show it, and return the exit code.

    Raises:
        LinkhaulError: it cannot be done, or not to its end; what was committed is kept.
    """
    ended = watched(request, outputs, talk, log)
    tell(talk, ended)
    acknowledge(ended.run.path)
    code = exits.INTERRUPTED if ended.progress.stopped_by == "interrupt" else 0
    if log is not None:
        log.progress(ended.progress, "end", seconds=round(ended.progress.seconds, 3), outcomes=ended.run.outcomes, exit_code=code)
    return code


def watched(request: Request, outputs: Outputs, talk: Talk, log: Log | None = None) -> Ended:
    """Do a job, show how it goes, and return how it ended."""
    troubles = Troubles()
    if log is not None or talk.is_verbose:
        request = msgspec.structs.replace(request, on_visit=troubles.note)
    memory.settle()
    job = Job(request)
    session = job.session
    table = LinkTable(session.path, request.config.rows, talk) if outputs.has_table else None
    watch = Watch(job, Eyes(talk, troubles, table, log))
    if log is not None:
        specs = [spec.path for spec in (*request.links, *request.pages)]
        settings = stored(request.config)
        scope = session.scope.describe()
        log.event("start", verb=request.verb, run=str(session.path), resumed=session.resumed, scope=scope, outputs=specs, settings=settings)
    if request.verb == "crawl":
        talk.say(session.scope.describe(), "bold")
    if session.resumed and request.is_as_it_is:
        watch.notice("what the run has fetched is not fetched again; what it has not asked for is asked now")
    elif session.resumed and session.before == "finished" and not request.is_recheck:
        watch.notice("this run is complete: only what it has not read yet is asked for; --fresh starts over")
    elif session.resumed:
        watch.notice("going on with the earlier run; --fresh starts over")
    for notice in session.notices:
        watch.notice(with_flag(notice))
    progress = watch.until_end()
    talk.if_interrupted = AT_THE_END
    run = Run(session.path, request.config.rows, progress)
    return Ended(
        progress=progress,
        run=run,
        outputs=outputs,
        rows=session.rows_written,
        added_to=session.added_to,
        resumed=session.resumed,
        was_complete=session.before == "finished",
        is_crawl=request.verb == "crawl",
        settings=request.config.rows,
    )
