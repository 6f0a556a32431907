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

import msgspec
from msgspec import Meta, Struct

from linkhaul.errors import SettingError

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


class RunSettings(Struct, frozen=True, kw_only=True):
    """What a run may use of the machine."""

    memory: Annotated[int, Meta(ge=64_000_000, description="memory to stay under, in bytes (K, M, G may follow)", extra={"size": True, "output": True})] = 512_000_000


class Config(Struct, frozen=True, kw_only=True):
    """All settings of one run; frozen, made of small frozen parts."""

    rows: RowSettings = RowSettings()
    fetch: FetchSettings = FetchSettings()
    pace: PaceSettings = PaceSettings()
    crawl: CrawlSettings = CrawlSettings()
    run: RunSettings = RunSettings()


class Setting(Struct, frozen=True):
    """What is known of one setting: what flags, docs and checks are made from.

    Attributes:
        part: the field of Config that holds it.
        type: its plain type: bool, int, float, str or tuple.
        optional: whether it may be absent.
        choices: the words it may be, where it knows only some.
    """

    name: str
    part: str
    type: type
    optional: bool
    choices: tuple[str, ...]
    default: Any
    meaning: str
    is_secret: bool
    is_size: bool
    is_output_only: bool


def _setting(name: str, part: str, hint: Any, default: Any) -> Setting:
    inner, meta = hint.__origin__, hint.__metadata__[0]
    options = [getattr(kind, "__origin__", kind) for kind in get_args(inner) if kind is not type(None)]
    optional = type(None) in get_args(inner)
    base = tuple if get_origin(inner) is tuple else str if Literal in (get_origin(inner), *options) else options[0] if optional else inner
    extra = meta.extra or {}
    return Setting(
        name, part, base, optional, _words(inner), default, meta.description,
        bool(extra.get("secret")), bool(extra.get("size")), bool(extra.get("output")),
    )  # fmt: skip


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


def config_from(values: Mapping[str, Any], source: str = "settings") -> Config:
    """Return the configuration with these values over the defaults.

    Args:
        values: flat, by setting name; a value may be text ("16", "10M", "true"), as it comes from the environment.
        source: where the values come from, for the message of an error.

    Raises:
        SettingError: an unknown name (the nearest is named), or a value of the wrong type or out of bounds.
    """
    parts: dict[str, dict[str, Any]] = {part: {} for part in Config.__struct_fields__}
    for name, value in values.items():
        setting = named(name, source)
        parts[setting.part][name] = _checked(setting, value, source)
    return Config(**{part: type(getattr(Config(), part))(**chosen) for part, chosen in parts.items()})


def named(name: str, source: str = "settings") -> Setting:
    """Return the setting of that name; raise SettingError with the nearest name when there is none."""
    setting = settings().get(name)
    if setting is None:
        near = difflib.get_close_matches(name, settings(), n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise SettingError(f"{source}: there is no setting '{name}'{hint}")
    return setting


def _checked(setting: Setting, value: Any, source: str) -> Any:
    if setting.is_size and isinstance(value, str):
        value = _size(value)
    if setting.type is tuple and isinstance(value, str):
        value = tuple(part.strip() for part in value.split(",")) if setting.name in ("kinds", "columns") else (value,)
    if isinstance(value, str) and setting.type is bool:
        value = {"yes": True, "on": True, "no": False, "off": False, "": False}.get(value.lower(), value)
    hints = get_type_hints(type(getattr(Config(), setting.part)), include_extras=True)
    try:
        return msgspec.convert(value, hints[setting.name], strict=False)
    except msgspec.ValidationError as error:
        _name_the_nearest(setting, value, source)
        shown = "its value" if setting.is_secret else repr(value)
        raise SettingError(f"{source}: {setting.name} cannot be {shown}: {error} ({setting.meaning})") from None


def _name_the_nearest(setting: Setting, value: Any, source: str) -> None:
    """Raise SettingError with the nearest word when one is given that the setting does not know."""
    for word in value if isinstance(value, (tuple, list)) else (value,):
        if setting.choices and word not in setting.choices:
            near = difflib.get_close_matches(str(word), setting.choices, n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            raise SettingError(f"{source}: {setting.name} cannot be {word!r}: {hint}known are {', '.join(setting.choices)}")


def _words(hint: Any) -> tuple[str, ...]:
    """Return the words that a type allows, when it allows only some."""
    if get_origin(hint) is Literal:
        return tuple(word for word in get_args(hint) if isinstance(word, str))
    return tuple(word for inner in get_args(hint) for word in _words(inner))


def _size(text: str) -> int | str:
    """Return '10M' as 10000000; text that is no size is left for the check to refuse."""
    factor = {"k": 1_000, "m": 1_000_000, "g": 1_000_000_000}.get(text[-1:].lower(), 1)
    number = text[:-1] if factor > 1 else text
    return int(float(number) * factor) if number.replace(".", "", 1).isdigit() else text


def from_file(path: Path) -> dict[str, Any]:
    """Return the values that a linkhaul.toml gives, flat by name; tables named as the parts of Config may group them."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
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
        flags: what was given at the call or on the command line; the last word.
        file: a linkhaul.toml, when there is one.
    """
    layers: list[tuple[str, Mapping[str, Any]]] = [(str(file), from_file(file))] if file else []
    layers += [("environment", from_environment(environment)), ("call", flags)]
    merged: dict[str, Any] = {}
    origin = dict.fromkeys(settings(), "default")
    for source, values in layers:
        config_from(values, source)
        merged.update(values)
        origin.update(dict.fromkeys(values, source))
    return config_from(merged), origin


def stored(config: Config) -> dict[str, Any]:
    """Return the settings as the run file keeps them: flat, secrets left out."""
    every = settings().values()
    return {s.name: getattr(getattr(config, s.part), s.name) for s in every if not s.is_secret}
