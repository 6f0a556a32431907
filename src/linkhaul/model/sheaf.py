"""The links of one page as they travel between processes: for each what the run file stores of it, and once what links share.

A link has twenty columns, and few of them are its own. Where a page was read by another process, nobody may need more than is stored:
then the twenty are not made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import eq
from typing import cast, overload

from linkhaul.model.records import Link
from linkhaul.model.url import USUAL_LENGTH, split_fragment, target_url, url_id

CELLS = 7
"""How many cells a link has, one link behind the other: a place for its id, its URL's id, url, raw, text, title, and which form it has."""
MOST_REMEMBERED = 20_000

Cell = int | str | None
Form = tuple[str, str, str, str | None, tuple[str | None, str | None, str | None, bool, str, bool, bool, str]]
"""What links share: kind, tag, attr and rel; target and what stands behind it, up to origin."""


class Sheaf(Sequence[Link]):
    """The links of a page, each of them made when it is asked for.

    Args:
        page_url, found_at: of all of them.
        cells, forms: as a `Binder` gives them.

    """

    __slots__ = ("_cells", "_forms", "_found_at", "_page_url")

    def __init__(self, page_url: str, found_at: str, cells: list[Cell], forms: list[Form]) -> None:
        self._page_url = page_url
        self._found_at = found_at
        self._cells = cells
        self._forms = forms

    @property
    def ids(self) -> list[int | None]:
        """Return the ids of what they lead to; None for those without a URL."""
        return cast("list[int | None]", self._cells[1::CELLS])

    @property
    def urls(self) -> list[str | None]:
        """Return their URLs."""
        return cast("list[str | None]", self._cells[2::CELLS])

    def store(self, cells: list[Cell], first: int, number: Callable[[Form], int]) -> None:
        """Add the cells to others, as they are stored.

        Args:
            first: what the ids count from.
            number: gives the number of a form.
        """
        numbers = [number(form) for form in self._forms]
        at = len(cells)
        cells += self._cells
        cells[at::CELLS] = range(first + 1, first + len(self) + 1)
        cells[at + CELLS - 1 :: CELLS] = [numbers[form] for form in self._cells[CELLS - 1 :: CELLS]]  # type: ignore[index]

    def __len__(self) -> int:
        return len(self._cells) // CELLS

    @overload
    def __getitem__(self, at: int) -> Link: ...

    @overload
    def __getitem__(self, at: slice) -> list[Link]: ...

    def __getitem__(self, at: int | slice) -> Link | list[Link]:
        """Return a link, or some."""
        places = range(len(self))[at]
        return self._link(places) if isinstance(places, int) else [self._link(place) for place in places]

    def __eq__(self, other: object) -> bool:
        """Whether these are the same links, in a sheaf or a list."""
        return isinstance(other, (Sheaf, list)) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment] # as of a list

    def __repr__(self) -> str:
        return repr(list(self))

    def __iter__(self) -> Iterator[Link]:
        return map(self._link, range(len(self)))

    def _link(self, place: int) -> Link:
        _, _, url, raw, text, title, form = cast(
            "tuple[None, int | None, str | None, str, str, str, int]", self._cells[place * CELLS : (place + 1) * CELLS]
        )
        fragment = split_fragment(url)[1] if url is not None else None
        kind, tag, attr, rel, others = self._forms[form]
        return Link(
            self._page_url, place + 1, url, raw, fragment, kind, tag, attr, text, rel, title or None, *others, self._found_at
        )  # fmt: skip


class Binder:
    """Binds the links of one page after the other; remembers the ids of what they lead to, for most lead where others have led."""

    def __init__(self) -> None:
        self._ids: dict[str | None, int | None] = {None: None}

    def bind(self, links: Sequence[Link]) -> tuple[list[Cell], list[Form]]:
        """Return the cells and forms of a page's links, which are numbered from 1 on."""
        cells: list[Cell] = []
        forms: dict[Form, int] = {}
        form, last = 0, None
        ids = self._ids
        if len(ids) > MOST_REMEMBERED:
            self._ids = ids = {None: None}
        for link in links:
            _, url, raw, _, kind, tag, attr, text, rel, title = link[1:11]
            shared = (kind, tag, attr, rel, link[11:19])
            if shared != last:  # links of one form mostly come together
                last = shared
                form = forms.setdefault(shared, len(forms))
            id = ids.get(url)
            if id is None and url is not None:
                id = url_id(target_url(url))
                if len(url) <= USUAL_LENGTH:
                    ids[url] = id
            cells += (None, id, url, raw, text, title or "", form)
        return cells, list(forms)
