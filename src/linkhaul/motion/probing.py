"""Which addresses are made up, so that hosts show what they answer to what cannot exist.

How this works. A host is asked once, at its top, when it has answered with a page that could be one of error: a front page never is.
Most hosts answer as they should there, and all is said. Some parts of a host answer otherwise than its top: a shop below /shop/, say.
So a folder is asked too, where one of its pages reads like an error, or two of its short pages look the same; a few folders of a host at
most. Who is asked for one page is asked for little more.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache

from linkhaul.decide.signs import SHORT_WORDS
from linkhaul.decide.soft import is_home
from linkhaul.model.records import Visit
from linkhaul.model.url import host_of, url_id

MOST_FOLDERS = 8
"""Of a host, how many are asked besides its top."""
MOST_REMEMBERED = 200_000
_SUFFIX = re.compile(r"[A-Za-z][A-Za-z0-9]{0,7}")
_FINE = frozenset({"ok", "checked"})


class Probes:
    """Decides what is made up; remembers a bounded number of hosts, folders and pages.

    Args:
        is_on_disk: whether a URL is read from a folder that the user named; None when none is.
    """

    def __init__(self, is_on_disk: Callable[[str], bool] | None) -> None:
        self._is_on_disk = is_on_disk
        self._asked: set[str] = set()
        self._folders: Counter[str] = Counter()
        self._looks: dict[tuple[str, str | None, int | None], int] = {}

    def wanted(self, visit: Visit) -> list[str]:
        """Return the addresses that are to be asked for after a visit."""
        seen, url = visit.seen, visit.final_url
        if seen is None or seen.signs.words is None or visit.outcome not in _FINE or visit.content_type == "text/plain":
            return []
        host = host_of(url)
        if not host.startswith("http") or is_home(visit.target.url) or (self._is_on_disk is not None and self._is_on_disk(url)):
            return []
        if len(self._asked) + len(self._looks) > MOST_REMEMBERED:
            self._asked.clear()
            self._looks.clear()
            self._folders.clear()
        found = self._new(made_up_url(host))
        asked = visit.target.url if visit.target.url == url or host_of(visit.target.url) == host else url
        if self._folders[host] < MOST_FOLDERS and (seen.says_missing or self._looks_like_another(visit, asked)):
            beside = self._new(made_up_beside(asked))
            self._folders[host] += len(beside)
            found += beside
        return found

    def _new(self, made_up: str) -> list[str]:
        if made_up in self._asked:
            return []
        self._asked.add(made_up)
        return [made_up]

    def _looks_like_another(self, visit: Visit, asked: str) -> bool:
        """Return whether another short page of the folder had the same title and as many words."""
        signs = visit.seen.signs if visit.seen is not None else None
        if signs is None or signs.words is None or signs.words > SHORT_WORDS:
            return False
        return self._looks.setdefault((_folder(asked), signs.title, signs.words), visit.target.id) != visit.target.id


@lru_cache(1024)
def made_up_url(host: str) -> str:
    """Return an address of a host that does not exist: the same for the same host, and one that says who asks.

    >>> made_up_url("https://example.org").startswith("https://example.org/linkhaul-")
    True
    """
    digits = _digits(host)
    return f"{host}/linkhaul-{digits[:8]}/{digits[8:]}.html"


def made_up_beside(url: str) -> str:
    """Return an address that does not exist in the folder of another and with its ending, by which servers decide who answers.

    >>> made_up_beside("https://example.org/shop/boots.php?id=7").removeprefix("https://example.org/shop/linkhaul-")[16:]
    '.php'
    """
    folder, _, name = url.partition("#")[0].partition("?")[0].rpartition("/")
    return _made_up_in(folder + "/", name.rpartition(".")[2] if "." in name else "")


@lru_cache(1024)
def _made_up_in(folder: str, suffix: str) -> str:
    return f"{folder}linkhaul-{_digits(folder)}{'.' + suffix if _SUFFIX.fullmatch(suffix) is not None else ''}"


def _folder(url: str) -> str:
    return url.partition("#")[0].partition("?")[0].rpartition("/")[0] + "/"


def _digits(text: str) -> str:
    return f"{url_id(text) & 0xFFFF_FFFF_FFFF_FFFF:016x}"
