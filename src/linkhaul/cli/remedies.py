"""What a person can do about each kind of failure."""

from __future__ import annotations

_REMEDIES = {
    "dns": "the name leads nowhere: look for a typing error, or drop the site from the list",
    "refused": "nothing listens there: look at the port and the scheme, or try again later",
    "reset": "the server hung up: try again later, with a smaller --per-host",
    "tls": "the certificate or the encryption is not in order; --insecure asks anyway",
    "connect-timeout": "the host does not answer: try again later, or give it a longer --connect-timeout",
    "read-timeout": "the answer takes too long: raise --timeout or --read-timeout",
    "too-large": "the page is larger than --max-body: raise it",
    "bad-encoding": "the body is not packed as the server says: the site has to mend that",
    "bad-reply": "the server does not speak HTTP properly: look at the port and the scheme",
    "redirect-loop": "the page redirects to itself: often a missing cookie, see --cookies",
    "too-many-redirects": "the chain is longer than --max-redirects: raise it",
    "bad-redirect": "the site redirects to what is no web address: the site has to mend that",
    "guard": "a public page leads to a private address; --allow-private lets it",
    "robots": "the site asks robots to stay away; --ignore-robots asks anyway",
    "unreadable": "the page cannot be read as HTML",
    "bad-url": "this is no URL that can be asked for: correct it in the list",
    "file": "the file cannot be read: look at its path and permissions",
    "network": "this machine cannot get there: look at its connection",
    "401": "it wants a login: --auth, or --cookies with a session",
    "403": "it does not let us in: a login, a slower --gap, or a --contact may help",
    "404": "the page is gone: take it off the list",
    "407": "the proxy wants a login: put it into --proxy",
    "410": "the page is gone for good: take it off the list",
    "429": "the site was asked too often: set --gap, or a smaller --per-host, and try again later",
    "451": "withheld for legal reasons",
}


def remedy(kind: str) -> str:
    """Return what to do about a kind of failure, or about a status such as "404"."""
    if kind in _REMEDIES:
        return _REMEDIES[kind]
    return "the site has a fault: try again later" if kind.startswith("5") else "the site refuses the request"
