from linkhaul.api.check import acheck as acheck
from linkhaul.api.check import check as check
from linkhaul.api.doors import acrawl as acrawl
from linkhaul.api.doors import alinks as alinks
from linkhaul.api.doors import crawl as crawl
from linkhaul.api.doors import extract as extract
from linkhaul.api.doors import links as links
from linkhaul.api.doors import open_run as open_run
from linkhaul.api.doors import stream as stream
from linkhaul.api.runs import Run as Run
from linkhaul.api.sources import UrlList as UrlList
from linkhaul.errors import LinkhaulError as LinkhaulError
from linkhaul.errors import MissingExtra as MissingExtra
from linkhaul.errors import OutputError as OutputError
from linkhaul.errors import RunFileError as RunFileError
from linkhaul.errors import SettingError as SettingError
from linkhaul.errors import SourceError as SourceError
from linkhaul.errors import UsageError as UsageError
from linkhaul.model.records import Link as Link
from linkhaul.model.records import Visit as Visit

__all__ = [
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
]
__version__: str
