"""Every link of every page as clean typed rows: fast, politely, in bounded memory, without ever losing a row.

The names below are loaded when they are used first, so that importing linkhaul costs nothing.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_PLACES = {
    "CheckResult": "linkhaul.api.findings",
    "Link": "linkhaul.model.records",
    "LinkhaulError": "linkhaul.errors",
    "MissingExtra": "linkhaul.errors",
    "OutputError": "linkhaul.errors",
    "Run": "linkhaul.api.runs",
    "RunFileError": "linkhaul.errors",
    "SettingError": "linkhaul.errors",
    "SourceError": "linkhaul.errors",
    "UrlList": "linkhaul.api.sources",
    "UsageError": "linkhaul.errors",
    "Visit": "linkhaul.model.records",
    "acheck": "linkhaul.api.check",
    "acrawl": "linkhaul.api.doors",
    "alinks": "linkhaul.api.doors",
    "check": "linkhaul.api.check",
    "crawl": "linkhaul.api.doors",
    "extract": "linkhaul.api.doors",
    "links": "linkhaul.api.doors",
    "open_run": "linkhaul.api.doors",
    "stream": "linkhaul.api.doors",
}

__all__ = [
    "CheckResult",
    "Link",
    "LinkhaulError",
    "MissingExtra",
    "OutputError",
    "Run",
    "RunFileError",
    "SettingError",
    "SourceError",
    "UrlList",
    "UsageError",
    "Visit",
    "acheck",
    "acrawl",
    "alinks",
    "check",
    "crawl",
    "extract",
    "links",
    "open_run",
    "stream",
]  # fmt: skip


def __getattr__(name: str) -> object:  # `__init__.pyi` has the types; importing typing would cost 8 ms, in which nobody hears Ctrl-C
    if name not in _PLACES:
        raise AttributeError(f"module 'linkhaul' has no attribute '{name}'")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
