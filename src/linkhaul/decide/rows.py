"""Which links become rows of an output."""

from __future__ import annotations

from collections.abc import Callable

from linkhaul.config import RowSettings
from linkhaul.decide.patterns import finder
from linkhaul.model.records import Link

DEFAULT_KINDS = ("page",)
WEB = ("http://", "https://")


def row_filter(settings: RowSettings) -> Callable[[Link], bool]:
    """Return the test that a link must pass to be written.

    With the default kinds only what a person can follow is written: http and https, and on pages from disk file, too. Who asks for other kinds gets all
    that they hold: `mailto:` and `data:` too, and links that cannot be resolved unless `match` is given. It is called for
    every link of a run, so the common settings have a test of their own with as little in it as can be.

    Raises:
        SettingError: a pattern is no regular expression.
    """
    is_web_only = settings.kinds == DEFAULT_KINDS
    wanted = finder("match", settings.match)
    unwanted = finder("exclude", settings.exclude)
    wants_internal = None if settings.only is None else settings.only == "internal"
    if wants_internal is None and wanted is None and unwanted is None:
        return is_web if is_web_only else _is_any

    def passes(link: Link) -> bool:
        if wants_internal is not None and link.internal is not wants_internal:
            return False
        url = link.url or ""
        if is_web_only and not is_web(link):
            return False
        if wanted is not None and not wanted(url):
            return False
        return unwanted is None or not unwanted(url)

    return passes


def is_web(link: Link) -> bool:
    """Return whether a link leads to the web: what a person can follow."""
    url = link.url
    return url is not None and (url.startswith(WEB) or (url.startswith("file:") and link.page_url.startswith("file:")))


def _is_any(link: Link) -> bool:  # noqa: ARG001 - the shape of a test
    return True
