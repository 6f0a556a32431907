"""`linkhaul demo`: the main job on the bundled site, so that one sees in ten seconds what comes out of it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from linkhaul.cli import exits
from linkhaul.cli.flags import Verb, option
from linkhaul.cli.stdout import flush
from linkhaul.cli.talk import Talk
from linkhaul.errors import UsageError

SHOWN = 15
WHAT = "Moss & Fern"
COLUMN_SHARES = (0.2, 0.3, 0.5)
ANEW = "the demo begins anew each time"
NOT_SHOWN = ("nav", "header", "footer")
EPILOG = """\b
Examples:
  linkhaul demo
  linkhaul demo --serve --port 8000     and in another terminal:
  linkhaul links http://127.0.0.1:8000/"""


@click.command("demo", cls=Verb, epilog=EPILOG)
@option("--serve", "only_serves", is_flag=True, section="The site", help="only serve the site, until Ctrl-C")
@option(
    "--port", type=click.IntRange(0, 65_535), default=0, metavar="N", section="The site", help="where to serve it; 0 is any free port [0]"
)
@option("-v", "--verbose", is_flag=True, section="Talk", help="say each failure as it happens")
@click.pass_obj
def demo(talk: Talk, *, only_serves: bool, port: int, verbose: bool) -> int:
    """Show linkhaul at work on a small site that comes with it.

    Some forty pages, served on this machine only, hold every kind of link and of trouble: redirects, a dead link,
    a slow page, a page in Shift_JIS, a broken one. Nothing of the web is asked and no file of yours is touched.
    """
    from linkhaul.demo.server import serve

    talk.is_verbose, talk.if_left, talk.if_stopped = verbose, f"left at once; {ANEW}", ANEW
    with ExitStack() as stack:
        try:
            url = stack.enter_context(serve(port))
        except OSError as error:
            raise UsageError(f"--port {port}: cannot be listened on ({error.strerror}); 0 takes any free port") from None
        return _serve_only(talk, url) if only_serves else _show(talk, url)


def _serve_only(talk: Talk, url: str) -> int:
    from threading import Event

    talk.say(f"{WHAT} is open at {url}/ (Ctrl-C closes it)", "bold")
    talk.say(f"in another terminal: linkhaul links {url}/")
    try:
        while not Event().wait(3_600):
            pass
    except KeyboardInterrupt:
        talk.say("closed")
    return 0


def _show(talk: Talk, url: str) -> int:
    from linkhaul.api.request import Request
    from linkhaul.api.sources import gather
    from linkhaul.cli.carry import watched
    from linkhaul.cli.outputs import Outputs
    from linkhaul.cli.summary import tell
    from linkhaul.config import Config
    from linkhaul.demo.routes import pages
    from linkhaul.export.outputs import spec_for
    from linkhaul.model.columns import LINKS, PAGES

    folder = Path(tempfile.mkdtemp(prefix="linkhaul-demo-"))
    outputs = Outputs(
        (spec_for(str(folder / "links.csv"), columns=LINKS, table="links"),),
        (spec_for(str(folder / "pages.csv"), columns=PAGES, table="pages"),),
        has_table=False,
    )
    talk.say(f"{WHAT}, a small site that comes with linkhaul, is open at {url}/", "bold")
    talk.say(f"reading its {len(pages())} pages, one of which is slow on purpose")
    with _asked_directly():
        request = Request(
            verb="links", sources=gather([url + path for path in pages()]), config=Config(), links=outputs.links, pages=outputs.pages,
            run=str(folder / "demo.run"),
        )  # fmt: skip
        ended = watched(request, outputs, talk)
    talk.say()
    _show_rows(url, [(link.page_url, link.text, link.url or link.raw, link.region) for link in ended.run.links])
    talk.say()
    tell(talk, ended)
    if ended.progress.stopped_by == "interrupt":
        return exits.INTERRUPTED
    talk.say()
    talk.say("now a page of yours:", "bold")
    talk.say("  linkhaul links https://example.org/ -o links.csv")
    talk.say("to look at the site, or to try linkhaul on it: linkhaul demo --serve")
    return 0


def _show_rows(site_url: str, links: list[tuple[str, str, str, str]]) -> None:
    """Show some of the links, spread over the site; those that stand on every page are passed over."""
    from linkhaul.cli.table import Paper

    told = [link for link in links if link[3] not in NOT_SHOWN] or links
    step = max(1, len(told) // SHOWN)
    paper = Paper()
    paper.cells(["page", "text", f"url ({min(SHOWN, len(told))} of {len(links):,} links)"], "bold", COLUMN_SHARES)
    for page_url, text, url, _ in told[step // 2 :: step][:SHOWN]:
        paper.cells([page_url.removeprefix(site_url), text, url], shares=COLUMN_SHARES)
    flush()


@contextmanager
def _asked_directly() -> Iterator[None]:
    """Keep the proxy that the environment may name out of what stays on this machine."""
    kept = os.environ.get("no_proxy")
    os.environ["no_proxy"] = "127.0.0.1"
    try:
        yield
    finally:
        if kept is None:
            del os.environ["no_proxy"]
        else:
            os.environ["no_proxy"] = kept
