"""The bundled site "Moss & Fern" and the server for it: some forty pages that hold every kind of link and of trouble."""

from __future__ import annotations

from linkhaul.demo.routes import pages

__all__ = ["pages"]
