"""Which fetcher a target goes to: files on disk for the URLs under their roots, the web for all others."""

from __future__ import annotations

from linkhaul.fetch.files import FileFetcher
from linkhaul.model.fetcher import Accept, Fetcher
from linkhaul.model.records import Reply, Target


class Router:
    """A fetcher made of two.

    Args:
        files: asked for what it covers.
        http: asked for the rest. It refuses `file:` URLs: a page of the web cannot make us read a file.
    """

    def __init__(self, files: FileFetcher, http: Fetcher) -> None:
        self._files = files
        self._http = http

    async def get(self, target: Target, accept: Accept = "page") -> Reply:
        """Return the reply of whichever is in charge; see `model.fetcher.Fetcher`."""
        chosen: Fetcher = self._files if self._files.covers(target.url) else self._http
        return await chosen.get(target, accept)
