"""`linkhaul explain`: what a run knows of one URL, and why it was fetched or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from linkhaul.cli.answers import Asked, answer, answer_json, json_option, run_argument
from linkhaul.cli.clean import shortened
from linkhaul.cli.flags import Verb

EPILOG = """\b
Examples:
  linkhaul explain site.run https://example.org/shop/basket/
  linkhaul explain site.run /shop/basket/"""
TEXT_SHOWN = 80


@click.command("explain", cls=Verb, epilog=EPILOG)
@run_argument
@click.argument("url", metavar="URL", cls=Asked)
@json_option
def explain(*, run_file: str, url: str, as_json: bool) -> int:
    """Say what a run knows of a URL, and why it was fetched or not.

    Its state and the rule behind it, what robots.txt says of it, the shortest way to it, who links to it, its redirects and
    its visit: asked of the run file RUN. A path alone, like /shop/, is taken to be on the host of the run's first source.
    """
    from linkhaul.api.doors import open_run

    found = open_run(run_file).explain(url)
    if as_json:
        answer_json(found)
    else:
        answer(_lines(found))
    return 0


def _lines(found: Any) -> Iterator[str]:
    yield found.url
    reason = f" ({found.reason})" if found.reason and found.state != "unknown" else ""
    yield f"  {found.state}{reason}: {found.meaning}"
    yield f"  {found.robots}"
    if found.state == "unknown":
        yield from _near(found)
        return
    if found.retry_at:
        yield f"  asked {found.attempts} times; not again before {found.retry_at}"
    yield from _visit(found)
    yield from _redirects(found)
    yield from _path(found)
    yield from _links(found)


def _near(found: Any) -> Iterator[str]:
    yield "known URLs that resemble it:" if found.near else "no URL that the run knows resembles it"
    for url in found.near:
        yield f"  {url}"


def _visit(found: Any) -> Iterator[str]:
    visit = found.visit
    if visit is None:
        return
    parts = [
        f"visited at {visit['visited_at']}",
        f"{visit['content_type']}" if visit["content_type"] else "",
        f"{visit['bytes']:,} bytes",
        f"{visit['total_s']:.2f} s",
        f"{visit['links']:,} links",
        f"asked {visit['attempts']} times" if visit["attempts"] > 1 else "",
    ]
    yield "  " + ", ".join(filter(None, parts))
    for name in ("title", "canonical", "robots"):
        if visit[name]:
            yield f"  {name}: {shortened(visit[name], 2 * TEXT_SHOWN)}"


def _redirects(found: Any) -> Iterator[str]:
    if found.redirects:
        yield "redirects:"
    for hop in found.redirects:
        yield f"  {hop.status} {hop.url} -> {hop.location}"
    for url in found.redirected_from:
        yield f"  it is where {url} redirects to"


def _path(found: Any) -> Iterator[str]:
    if not found.path:
        yield f"no click is known to lead to it: it was found by {found.found_via}"
        return
    clicks = f"{found.depth} click{'' if found.depth == 1 else 's'}"
    yield f"the shortest way to it, {clicks}:" if len(found.path) > 1 else "it is a source"
    for step in found.path if len(found.path) > 1 else ():
        text = f' "{shortened(step.text, TEXT_SHOWN)}"' if step.text else ""
        yield f"  {step.via + text:<32}  {step.url}"


def _links(found: Any) -> Iterator[str]:
    if not found.link_count:
        yield "no link of the pages read so far leads to it"
        return
    pages = f"on {found.linking_pages:,} page{'' if found.linking_pages == 1 else 's'}"
    more = f", the first {len(found.links)}" if found.link_count > len(found.links) else ""
    yield f"{found.link_count:,} link{'' if found.link_count == 1 else 's'} {pages} lead{'s' if found.link_count == 1 else ''} to it{more}:"
    for link in found.links:
        nofollow = "  (nofollow)" if not link.follow else ""
        yield f'  {link.page_url}, link {link.n}: "{shortened(link.text, TEXT_SHOWN)}"{nofollow}'
