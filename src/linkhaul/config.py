"""Every setting once: its default, unit, bounds and meaning.

Flags, keyword arguments, TOML keys, environment names and the table in the docs are made from the structs below
(see `settings()`); nothing states a default a second time. A setting's name is the same everywhere: ``per_host`` is the
keyword, ``--per-host`` the flag, ``per_host`` in linkhaul.toml and ``LINKHAUL_PER_HOST`` in the environment. What stands
nearer to the person wins: defaults < linkhaul.toml < environment < flags or keywords.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from msgspec import Meta, Struct

from linkhaul.errors import SettingError
from linkhaul.setting import Setting, checked

Kind = Literal[
    "page", "image", "script", "style", "media", "frame", "form", "alternate",
    "canonical", "feed", "icon", "header", "css", "data", "other",
]  # fmt: skip
"""What a link is for."""

SECRET = {"secret": True}
"""Marks a setting whose value never reaches a log, a row or the run file."""

OUTPUT_ONLY = {"output": True}
"""Marks a setting that shapes the outputs and the talk only: a run can go on with another value."""


class RowSettings(Struct, frozen=True, kw_only=True):
    """Which links become rows."""

    kinds: Annotated[tuple[Kind | Literal["all"], ...], Meta(description="kinds of link to read: page, image, script, ... or all")] = ("page",)
    only: Annotated[Literal["internal", "external"] | None, Meta(description="write only links that stay on the page's registrable domain, or that leave it: internal or external", extra=OUTPUT_ONLY)] = None
    match: Annotated[tuple[str, ...], Meta(description="write only links whose URL matches one of these regular expressions", extra=OUTPUT_ONLY)] = ()
    exclude: Annotated[tuple[str, ...], Meta(description="leave out links whose URL matches one of these regular expressions", extra=OUTPUT_ONLY)] = ()
    unique: Annotated[bool, Meta(description="write each URL once, where it is found first", extra=OUTPUT_ONLY)] = False
    columns: Annotated[tuple[str, ...], Meta(description="columns of the links to write, in this order", extra=OUTPUT_ONLY)] = ()


class FetchSettings(Struct, frozen=True, kw_only=True):
    """How pages are asked for."""

    timeout: Annotated[float, Meta(gt=0, description="longest wait for one reply as a whole, in seconds")] = 30.0
    connect_timeout: Annotated[float, Meta(gt=0, description="longest wait for a connection, name look-up and TLS included, in seconds")] = 10.0
    read_timeout: Annotated[float, Meta(gt=0, description="longest wait for the next bytes, in seconds")] = 15.0
    max_body: Annotated[int, Meta(ge=1, description="largest body after content decoding, in bytes (K, M, G may follow)", extra={"size": True})] = 10_000_000
    max_redirects: Annotated[int, Meta(ge=0, le=50, description="longest chain of redirects")] = 10
    header: Annotated[tuple[str, ...], Meta(description="a request header, 'Name: value'; Authorization and Cookie stay with the sources' host", extra=SECRET)] = ()
    cookie: Annotated[tuple[str, ...], Meta(description="a cookie, '[HOST=]name=value'; without HOST for the one host of the sources", extra=SECRET)] = ()
    cookies: Annotated[str | None, Meta(description="a Netscape cookie file")] = None
    auth: Annotated[tuple[str, ...], Meta(description="'[HOST=]user:password' or '[HOST=]Bearer TOKEN'; never leaves that host", extra=SECRET)] = ()
    proxy: Annotated[str | None, Meta(description="an HTTP proxy's URL; the usual environment variables count when absent", extra=SECRET)] = None
    user_agent: Annotated[str, Meta(min_length=1, description="product token of the User-Agent, also matched in robots.txt")] = "linkhaul"
    contact: Annotated[str | None, Meta(description="an address or URL for site owners, added to the User-Agent")] = None
    insecure: Annotated[bool, Meta(description="do not verify certificates")] = False
    allow_private: Annotated[bool, Meta(description="pages of the public web may lead to private addresses")] = False


class PaceSettings(Struct, frozen=True, kw_only=True):
    """How hard we may ask, in all and per host."""

    concurrency: Annotated[int, Meta(ge=1, le=2000, description="requests in flight in all")] = 64
    per_host: Annotated[int, Meta(ge=1, le=256, description="most requests in flight to one host")] = 8
    per_address: Annotated[int, Meta(ge=0, description="most requests in flight to one address; 0 is no limit")] = 0
    gap: Annotated[float, Meta(ge=0, description="shortest time between two requests to one host, in seconds")] = 0.0
    retries: Annotated[int, Meta(ge=0, le=20, description="how often a page that may still come is asked again")] = 2
    max_crawl_delay: Annotated[float, Meta(ge=0, description="a host whose Crawl-delay is longer is not asked, in seconds")] = 60.0
    ignore_robots: Annotated[bool, Meta(description="fetch what robots.txt disallows")] = False


class CrawlSettings(Struct, frozen=True, kw_only=True):
    """How far a crawl follows links."""

    scope: Annotated[Literal["page", "prefix", "host", "domain", "any"], Meta(description="page, prefix, host, domain or any")] = "host"
    include: Annotated[tuple[str, ...], Meta(description="follow only URLs that match one of these regular expressions")] = ()
    skip: Annotated[tuple[str, ...], Meta(description="do not follow URLs that match one of these regular expressions")] = ()
    depth: Annotated[Annotated[int, Meta(ge=0)] | None, Meta(description="most clicks from a seed")] = None
    max_pages: Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="stop after so many pages")] = None
    max_time: Annotated[Annotated[float, Meta(gt=0)] | None, Meta(description="stop after so many seconds")] = None
    max_links_per_page: Annotated[int, Meta(ge=1, le=1_048_575, description="most links read from one page")] = 100_000
    sitemap: Annotated[tuple[str, ...], Meta(description="a sitemap to read besides those that robots.txt names")] = ()
    no_sitemaps: Annotated[bool, Meta(description="do not look for sitemaps")] = False
    obey_nofollow: Annotated[bool, Meta(description="do not follow links under nofollow")] = False
    allow_pattern: Annotated[tuple[str, ...], Meta(description="a URL pattern to let through the trap budgets")] = ()


class CheckSettings(Struct, frozen=True, kw_only=True):
    """What a check takes for broken, and what it says of it."""

    accept: Annotated[str, Meta(min_length=1, description="statuses that are fine, such as 200..=299,403", extra=OUTPUT_ONLY)] = "200..=299"
    redirects: Annotated[Literal["allow", "warn", "fail"], Meta(description="what a link that is redirected counts as: allow (fine), warn (named, but no fault) or fail (broken)", extra=OUTPUT_ONLY)] = "warn"
    fail_on: Annotated[tuple[Literal["redirected", "broken", "soft-404", "blocked", "rate-limited", "needs-login", "unreachable", "unverifiable", "not-checked", "none"], ...], Meta(description="verdicts that make a check fail: broken, soft-404, redirected, blocked, ... or none", extra=OUTPUT_ONLY)] = ("broken", "soft-404")
    confirm_after: Annotated[float, Meta(ge=0, le=3600, description="what looks broken is asked once more after so many seconds; what its host itself calls missing (404, 410, ...) after a fifth of them, and after a twentieth once three such words of the host have held", extra=OUTPUT_ONLY)] = 5.0
    no_probe: Annotated[bool, Meta(description="do not ask hosts for a made-up address to know their pages of error that answer 200")] = False
    max_age: Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="do not ask other sites again for what the last check of the same sources found to be fine, if that is no more hours ago", extra=OUTPUT_ONLY)] = None
    suggest: Annotated[bool, Meta(description="name the likeliest live page in place of each that is gone", extra=OUTPUT_ONLY)] = False


class AuditSettings(Struct, frozen=True, kw_only=True):
    """What is kept of each page besides its links."""

    facts: Annotated[bool, Meta(description="keep what 'linkhaul audit' needs to know of each page")] = False


class RunSettings(Struct, frozen=True, kw_only=True):
    """What a run may use of the machine."""

    memory: Annotated[int, Meta(ge=64_000_000, description="memory that the run's own process is to stay under, in bytes (K, M, G may follow); readers take 30 to 40 MB each besides", extra={"size": True, "output": True})] = 512_000_000
    workers: Annotated[Annotated[int, Meta(ge=1, le=64)] | None, Meta(description="processes that share the reading of pages, this one among them; 1 is this one alone, as many as help when absent", extra=OUTPUT_ONLY)] = None


class Config(Struct, frozen=True, kw_only=True):
    """All settings of one run; frozen, made of small frozen parts."""

    rows: RowSettings = RowSettings()
    fetch: FetchSettings = FetchSettings()
    pace: PaceSettings = PaceSettings()
    crawl: CrawlSettings = CrawlSettings()
    check: CheckSettings = CheckSettings()
    audit: AuditSettings = AuditSettings()
    run: RunSettings = RunSettings()


def _setting(name: str, part: str, hint: Any, default: Any) -> Setting:
    inner, meta = hint.__origin__, hint.__metadata__[0]
    options = [kind for kind in get_args(inner) if kind is not type(None)]
    plain = [getattr(kind, "__origin__", kind) for kind in options]
    optional = type(None) in get_args(inner)
    base = tuple if get_origin(inner) is tuple else str if Literal in (get_origin(inner), *plain) else plain[0] if optional else inner
    extra = meta.extra or {}
    limit = next((kind.__metadata__[0] for kind in options if hasattr(kind, "__metadata__")), meta)
    low = next((edge for edge in (limit.gt, limit.ge, limit.min_length) if edge is not None), None)
    return Setting(
        name, part, base, optional, _words(inner), default, meta.description,
        bool(extra.get("secret")), bool(extra.get("size")), bool(extra.get("output")), low, limit.le, limit.gt is not None,
    )  # fmt: skip


def _words(hint: Any) -> tuple[str, ...]:
    """Return the words that a type allows, when it allows only some."""
    if get_origin(hint) is Literal:
        return tuple(word for word in get_args(hint) if isinstance(word, str))
    return tuple(word for inner in get_args(hint) for word in _words(inner))


def _walk() -> Iterator[Setting]:
    for part in Config.__struct_fields__:
        struct = type(getattr(Config(), part))
        hints = get_type_hints(struct, include_extras=True)
        for name, default in zip(struct.__struct_fields__, struct.__struct_defaults__, strict=True):
            yield _setting(name, part, hints[name], default)


_SETTINGS: dict[str, Setting] = {}


def settings() -> dict[str, Setting]:
    """Return every setting by name, in the order of Config."""
    if not _SETTINGS:
        _SETTINGS.update((setting.name, setting) for setting in _walk())
    return _SETTINGS


def config_from(values: Mapping[str, Any], source: str = "") -> Config:
    """Return the configuration with these values over the defaults.

    Args:
        values: flat, by setting name.
        source: where the values come from, for the message of an error; nothing when that is the call itself.

    Raises:
        SettingError: an unknown name (the nearest is named), or a value of the wrong type or out of bounds.
    """
    return _built({name: checked(named(name, source), value, _subject(name, source)) for name, value in values.items()})


def _built(checked: Mapping[str, Any]) -> Config:
    parts: dict[str, dict[str, Any]] = {part: {} for part in Config.__struct_fields__}
    for name, value in checked.items():
        parts[settings()[name].part][name] = value
    return Config(**{part: type(getattr(Config(), part))(**chosen) for part, chosen in parts.items()})


def named(name: str, source: str = "") -> Setting:
    """Return the setting of that name; raise SettingError with the nearest name when there is none."""
    setting = settings().get(name)
    if setting is None:
        near = difflib.get_close_matches(name, settings(), n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise SettingError(f"{source}{': ' if source else ''}there is no setting '{name}'{hint}")
    return setting


def _subject(name: str, source: str) -> str:
    """Return what a setting is called where its value comes from."""
    if source == "environment":
        return f"environment variable LINKHAUL_{name.upper()}"
    return f"{source}: {name}" if source else name


def from_file(path: Path) -> dict[str, Any]:
    """Return the values that a linkhaul.toml gives, flat by name; tables named as the parts of Config may group them."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors, as is a number that is too long
        raise SettingError(f"{path}: this is not TOML: {error}") from None
    except OSError as error:
        raise SettingError(f"{path}: cannot be read: {error.strerror}") from None
    flat: dict[str, Any] = {}
    for key, value in raw.items():
        is_part = isinstance(value, dict) and key in Config.__struct_fields__
        flat.update(value if is_part else {key: value})
    for name in flat:
        named(name, str(path))
    return flat


def from_environment(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the values of the LINKHAUL_* variables, flat by setting name."""
    found = {name[9:].lower(): value for name, value in environment.items() if name.startswith("LINKHAUL_")}
    for name in found:
        named(name, f"environment variable LINKHAUL_{name.upper()}")
    return found


def layered(
    flags: Mapping[str, Any], *, file: Path | None = None, environment: Mapping[str, str] = os.environ
) -> tuple[Config, dict[str, str]]:
    """Return the configuration of all layers, and for each setting where its value came from.

    Args:
        flags: what was given on the command line, as text; the last word.
        file: a linkhaul.toml, when there is one.
    """
    layers: list[tuple[str, Mapping[str, Any]]] = [(str(file), from_file(file))] if file else []
    layers += [("environment", from_environment(environment)), ("", flags)]
    merged: dict[str, Any] = {}
    origin = dict.fromkeys(settings(), "default")
    for source, values in layers:
        for name, value in values.items():
            merged[name] = checked(named(name, source), value, _subject(name, source), is_text=source in ("environment", ""))
            origin[name] = source or "call"
    return _built(merged), origin


def stored(config: Config) -> dict[str, Any]:
    """Return the settings as the run file keeps them: flat, secrets left out."""
    every = settings().values()
    return {s.name: getattr(getattr(config, s.part), s.name) for s in every if not s.is_secret}
