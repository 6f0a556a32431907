"""Which rows and columns an output gets, as the settings say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from operator import itemgetter

from linkhaul.config import RowSettings
from linkhaul.decide.rows import WEB, is_web, row_filter
from linkhaul.errors import SettingError
from linkhaul.model.columns import LINKS, Column, Row, names
from linkhaul.model.records import Link


class Selection:
    """The rows of `links` that the settings ask for.

    Raises:
        SettingError: an unknown column or one that is named twice, or a pattern that is no regular expression.

    Attributes:
        columns: the columns in the order asked for.
        passes: whether a link becomes a row.
        is_unique: each URL once, where it is found first.
        identity: a text that differs when other rows would be selected.
    """

    def __init__(self, settings: RowSettings) -> None:
        if twice := sorted({name for name in settings.columns if settings.columns.count(name) > 1}):
            raise SettingError(f"columns: {', '.join(twice)} is named twice; name each column once")
        places = [_place(name) for name in settings.columns] if settings.columns else list(range(len(LINKS)))
        self.columns: tuple[Column, ...] = tuple(LINKS[place] for place in places)
        self.passes: Callable[[Link], bool] = row_filter(settings)
        self.is_unique = settings.unique
        self.identity = repr((settings.only, settings.match, settings.exclude, settings.unique))
        self._pick = _picker(places)

    def rows(self, links: Iterable[Link]) -> list[Row]:
        """Return the rows of those links that pass."""
        passes, pick = self.passes, self._pick
        if passes is is_web and pick is None:  # what nearly every run asks for, without a call per link
            return [link for link in links if (url := link[2]) is not None and (url.startswith(WEB) or is_web(link))]
        return [link for link in links if passes(link)] if pick is None else [pick(link) for link in links if passes(link)]


def _place(name: str) -> int:
    known = names(LINKS)
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean '{near[0]}'? " if near else ""
        raise SettingError(f"columns: there is no column '{name}': {hint}known are {', '.join(known)}")
    return known.index(name)


def _picker(places: list[int]) -> Callable[[Link], Row] | None:
    """Return what takes the columns at these places from a link; None when it is the link itself."""
    if places == list(range(len(LINKS))):
        return None
    if len(places) == 1:
        (only,) = places
        return lambda link: (link[only],)
    return itemgetter(*places)
