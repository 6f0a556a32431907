"""How we introduce ourselves: the User-Agent header."""

from __future__ import annotations

import sys

from linkhaul.config import FetchSettings
from linkhaul.errors import SettingError


def user_agent(settings: FetchSettings) -> str:
    """Return the User-Agent: product, version, and how a site's owner reaches whoever runs this.

    A product that already carries a version is left as it is.

    Raises:
        SettingError: text that cannot stand in a header.
    """
    product = settings.user_agent if "/" in settings.user_agent else f"{settings.user_agent}/{_version()}"
    comment = _contact(settings.contact) if settings.contact else "reads links; who runs it gave no contact"
    whole = f"{product} ({comment})"
    if not (whole.isascii() and whole.isprintable()):
        raise SettingError(f"user_agent and contact have to be printable ASCII to stand in a header, not {whole!r}")
    return whole


def _contact(contact: str) -> str:
    is_mail = "@" in contact and ":" not in contact
    return f"+mailto:{contact}" if is_mail else f"+{contact}"


def _version() -> str:
    return str(sys.modules["linkhaul"].__version__)  # importlib.metadata would take a twentieth of the time in which a run starts
