"""How far a crawl follows links: for each URL follow, record or drop, always with the name of the rule.

The rules are tried in this order, and the first that says no gives its name: `scheme`, `seed` (a URL that the user named is
always followed), `scope:...`, `depth`, `include`, `skip`, `nofollow`. A URL that passes them all is followed under the
name of the scope.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from linkhaul.config import CrawlSettings
from linkhaul.decide.patterns import Finds, finder
from linkhaul.model.records import FoundVia
from linkhaul.model.url import host_of, hostname_of, registrable_domain

Verdict = Literal["follow", "record", "drop"]
ScopeName = Literal["page", "prefix", "host", "domain", "any"]

WEB = ("http://", "https://")
NAMED_HOSTS = 5
"""How many hosts, domains or prefixes the description names."""


class Decision(NamedTuple):
    """What is done with a URL, and the rule that said so.

    Attributes:
        verdict: follow (it becomes a target), record (it is kept with this reason, and not fetched), or drop (it can
            never be fetched: a row, but no target).
    """

    verdict: Verdict
    rule: str


_NOT_WEB = Decision("drop", "scheme")
_SEED = Decision("follow", "seed")
_TOO_DEEP = Decision("record", "depth")
_NOT_INCLUDED = Decision("record", "include")
_SKIPPED = Decision("record", "skip")
_NOFOLLOW = Decision("record", "nofollow")
_INSIDE = {name: Decision("follow", f"scope:{name}") for name in ("page", "prefix", "host", "domain", "any")}
_OUTSIDE = {name: Decision("record", f"scope:{name}") for name in ("page", "prefix", "host", "domain", "any")}


class Scope(Struct, frozen=True, kw_only=True):
    """The reach of a crawl.

    Attributes:
        name: page (the seeds and where they redirect), prefix (what begins as a seed does, up to its last slash), host
            (scheme, host and port), domain (the registrable domain, any scheme) or any.
        hosts: those of the seeds, as `model.url.host_of` gives them; not filled for page and any, which need none.
        domains: the registrable domains of the seeds, for domain.
        prefixes: URLs up to their last slash, for prefix.
    """

    name: ScopeName
    hosts: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    settings: CrawlSettings
    included: Finds | None = None
    skipped: Finds | None = None

    @classmethod
    def of(cls, settings: CrawlSettings, seeds: Iterable[str]) -> Scope:
        """Return the scope of these settings around these seeds (absolute, normal URLs).

        The seeds are read to their end only where the scope depends on them.

        Raises:
            SettingError: a pattern of `include` or `skip` is no regular expression.
        """
        name: ScopeName = settings.scope
        hosts: set[str] = set()
        prefixes: dict[str, None] = {}
        if name not in {"page", "any"}:
            for seed in seeds:
                hosts.add(host_of(seed))
                prefixes[_directory(seed)] = None
        return cls(
            name=name,
            hosts=frozenset(hosts),
            domains=frozenset(registrable_domain(hostname_of(host)) for host in hosts) if name == "domain" else frozenset(),
            prefixes=tuple(prefixes) if name == "prefix" else (),
            settings=settings,
            included=finder("include", settings.include),
            skipped=finder("skip", settings.skip),
        )

    def decide(self, url: str, depth: int, found_via: FoundVia = "link", *, follow: bool = True) -> Decision:
        """Return what is done with a URL.

        Args:
            url: a target's URL: absolute, normal, without fragment.
            depth: how many clicks from the nearest seed it would be.
            found_via: how it was found.
            follow: what its link says; counts with `obey_nofollow` only.
        """
        if not url.startswith(WEB):
            return _SEED if found_via == "seed" and url.startswith("file:") else _NOT_WEB
        if found_via == "seed":
            return _SEED
        if not self._contains(url, found_via):
            return _OUTSIDE[self.name]
        return self._limit(url, depth, follow=follow) or _INSIDE[self.name]

    def widened(self, host: str) -> Scope:
        """Return the scope that reaches this host too, as far as it reaches on the others: a seed redirected to it."""
        if self.name in {"page", "any"} or host in self.hosts:
            return self
        below = (host + prefix[len(host_of(prefix)) :] for prefix in self.prefixes)
        return replace(
            self,
            hosts=self.hosts | {host},
            domains=self.domains | {registrable_domain(hostname_of(host))} if self.name == "domain" else self.domains,
            prefixes=tuple(dict.fromkeys((*self.prefixes, *below))),
        )

    def describe(self) -> str:
        """Return the scope in a sentence."""
        where = {
            "page": "only the pages named, and where they redirect",
            "prefix": f"what begins with {_some(self.prefixes)}",
            "host": f"pages of {_some(sorted(self.hosts))}",
            "domain": f"pages of {_some(sorted(self.domains))} and all hosts below",
            "any": "every page, wherever links lead",
        }[self.name]
        settings = self.settings
        limits = [
            "" if settings.depth is None else f"at most {settings.depth} click{'' if settings.depth == 1 else 's'} away",
            f"only what matches {_some(settings.include)}" if settings.include else "",
            f"not what matches {_some(settings.skip)}" if settings.skip else "",
            "no links under nofollow" if settings.obey_nofollow else "",
        ]
        return "; ".join([f"scope {self.name}: {where}", *filter(None, limits)])

    def _limit(self, url: str, depth: int, *, follow: bool) -> Decision | None:
        """Return what stands against a URL inside the scope."""
        settings = self.settings
        if settings.depth is not None and depth > settings.depth:
            return _TOO_DEEP
        if self.included is not None and not self.included(url):
            return _NOT_INCLUDED
        if self.skipped is not None and self.skipped(url):
            return _SKIPPED
        return _NOFOLLOW if settings.obey_nofollow and not follow else None

    def _contains(self, url: str, found_via: FoundVia) -> bool:
        name = self.name
        if name == "host":
            # Up to the first slash after the scheme: half the price of `host_of`, which also knows user names.
            return url[: url.find("/", 8)] in self.hosts or ("@" in url and host_of(url) in self.hosts)
        if name == "any":
            return True
        if name == "prefix":
            return url.startswith(self.prefixes)
        if name == "domain":
            return url[: url.find("/", 8)] in self.hosts or registrable_domain(hostname_of(url)) in self.domains
        return found_via == "redirect"


def _directory(url: str) -> str:
    """Return a URL up to the last slash of its path."""
    address = url.partition("#")[0].partition("?")[0]
    return address[: address.rindex("/") + 1]


def _some(names: Iterable[str]) -> str:
    """Return the first names, and how many more there are."""
    every = list(names)
    shown = ", ".join(every[:NAMED_HOSTS])
    return shown if len(every) <= NAMED_HOSTS else f"{shown} and {len(every) - NAMED_HOSTS} more"
