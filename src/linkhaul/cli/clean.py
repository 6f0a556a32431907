"""Text from the web, made harmless for a terminal: where `export` does it for its findings, too."""

from __future__ import annotations

from linkhaul.export.clean import clean, shortened

__all__ = ["clean", "shortened"]
