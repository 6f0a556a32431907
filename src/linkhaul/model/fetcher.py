"""The one method by which the engine reaches the world: a target goes in, a reply comes out."""

from __future__ import annotations

from typing import Literal, Protocol

from linkhaul.model.records import Reply, Target

Accept = Literal["page", "any", "robots", "glance", "whole"]
"""What the asker can use the body for.

* page: HTML and XHTML only; of anything else the status and headers are recorded and the body is not read.
* any: whatever it is (a sitemap, a feed); its cap is at least the 50 MiB that the sitemap protocol allows.
* robots: whatever it is, cut after the 500 KiB that a crawler has to read of a robots.txt (RFC 9309, section 2.5).
* glance: is it there? Of HTML and plain text the first GLANCE_BYTES, whatever the status; of anything else nothing. What is
  cut is no failure, however large the rest.
* whole: as page for a success that is HTML, and as glance for everything else.
"""

GLANCE_BYTES = 32_768
"""How much of a body, after unpacking, is enough to tell an error page, a challenge or a login from what was asked for."""


class Fetcher(Protocol):
    """Asks once. The web, files on disk, a browser and an archive are each one of these."""

    async def get(self, target: Target, accept: Accept = "page") -> Reply:
        """Return what came back for one request; a redirect is a reply like any other and is not followed.

        Never raises for what the web does: a fault is `Reply.failure`. Cancellation passes through.
        """
        ...
