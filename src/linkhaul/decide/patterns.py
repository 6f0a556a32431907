"""Regular expressions that a person gave, several as one test."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable

from linkhaul.errors import SettingError

Finds = Callable[[str], object]
"""A test on a URL: its answer is true where a pattern was found."""


def finder(setting: str, patterns: Iterable[str]) -> Finds | None:
    """Return the test whether any of these patterns is found in a URL; None when there are none.

    Args:
        setting: the setting's name, for the message.
        patterns: regular expressions as the `re` module reads them; each is looked for anywhere in a URL.

    Raises:
        SettingError: one of them is no regular expression; the message names it and the place of the fault.
    """
    each = [_compiled(setting, pattern) for pattern in patterns]
    if not each:
        return None
    if len(each) == 1:
        return each[0].search
    if all(not pattern.groups and pattern.flags == re.UNICODE for pattern in each):
        return _as_today("|".join(f"(?:{pattern.pattern})" for pattern in each)).search
    searches = [pattern.search for pattern in each]  # flags and numbered groups do not survive being joined
    return lambda url: any(search(url) for search in searches)


def _compiled(setting: str, pattern: str) -> re.Pattern[str]:
    try:
        return _as_today(pattern)
    except re.error as error:
        where = "" if error.pos is None else f" at character {error.pos + 1}"
        raise SettingError(f"{setting}: {pattern!r} is not a regular expression: {error.msg}{where}") from None
    except (OverflowError, RecursionError):
        raise SettingError(f"{setting}: {pattern!r} is too large for a regular expression") from None


def _as_today(pattern: str) -> re.Pattern[str]:
    """Compile a pattern; that `[[` may mean something else in a Python to come is no concern of who typed it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(pattern)
