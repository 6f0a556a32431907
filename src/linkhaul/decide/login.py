"""Whether redirects led to a page for signing in instead of the page itself."""

from __future__ import annotations

import re
from urllib.parse import unquote

from linkhaul.model.url import hostname_of

_PATH = re.compile(
    r"/(?:log[-_]?(?:in|on)|sign[-_]?(?:in|on)|user/login|users/sign_in|session/new|sessions/new|sso|saml2?|oauth2?|authorize|authenticate"
    r"|auth|cas|adfs|idp|wp-login|servicelogin|openid-connect|account/login|accounts/login|anmelden|connexion|einloggen)(?:[./;][^/]*)*(?:/|$)",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?:login|signin|sso|auth|idp|accounts|oauth|cas|adfs)\.", re.IGNORECASE)
_WAY_BACK = re.compile(
    r"(?:^|[&;])(?:next|return|return_?to|return_?url|redirect|redirect_?to|redirect_?ur[il]|continue|goto|target|service|dest|destination"
    r"|back|back_?url|from|r|relaystate|samlrequest|client_id|came_from|referer|ref|url|original_?url)=",
    re.IGNORECASE,
)


def is_way_to_login(asked: str, final: str, *, has_password: bool) -> bool:
    """Tell whether a redirected request ended at a page for signing in.

    It has to look like one by its address, and to ask for a password or to know the way back; who links to a page for signing in got
    what was asked for.
    """
    if not _looks(final) or _looks(asked):
        return False
    query = final.partition("#")[0].partition("?")[2]
    return has_password or _WAY_BACK.search(query) is not None or _names(query, asked)


def _looks(url: str) -> bool:
    address = url.partition("#")[0].partition("?")[0]
    path = "/" + address.partition("://")[2].partition("/")[2]
    return _PATH.search(path) is not None or _HOST.match(hostname_of(url)) is not None


def _names(query: str, asked: str) -> bool:
    """Tell whether a query holds the path that was asked for."""
    path = "/" + asked.partition("://")[2].partition("/")[2].partition("?")[0]
    return len(path) > 1 and path in unquote(query)
