"""Addresses that are checked by how they are written, because nobody can be asked: mailto:, tel:, sms:, data:.

Strict where a mistake is certain, lenient where all programs are: a telephone number with spaces works, one with letters does not.

Sources: RFC 6068 (mailto), RFC 5322 section 3.2.3 (local part), RFC 3966 (tel), RFC 5724 (sms), RFC 2397 and
https://fetch.spec.whatwg.org/#data-urls (data).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote, unquote_to_bytes

from linkhaul.model.check import Verdict

WEB = frozenset({"http", "https", "file"})
E164_DIGITS = 15
"""The most digits of a number with its country code."""

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.\-]*):")
_LOCAL = re.compile(r"""[^\s@()<>\[\]:;,"\\\x00-\x1f\x7f.]+(?:\.[^\s@()<>\[\]:;,"\\\x00-\x1f\x7f.]+)*|"(?:[^"\\\r\n]|\\[^\r\n])*\"""")
_LABEL = re.compile(r"[^\W_](?:[\w\-]*[^\W_])?")
_LITERAL = re.compile(r"\[[0-9A-Za-z:.]+\]")
_NUMBER = re.compile(r"\+?[0-9A-Fa-f*#.()\-\s/]*")
_PARAMETER = re.compile(r"[A-Za-z0-9\-]+(?:=[^;\s]*)?")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")


def verdict_of_text(url: str) -> Verdict | None:
    """Return the verdict on an address that is checked as text; None for one that can be asked for."""
    found = _SCHEME.match(url)
    if found is None:
        return None
    scheme = found[1].lower()
    if scheme in WEB:
        return None
    fault_of = _RULES.get(scheme)
    if fault_of is None:
        return Verdict("not-checked", "scheme", f"{scheme}: addresses cannot be asked for")
    fault = fault_of(url[found.end() :].partition("#")[0])
    if fault is not None:
        return Verdict("broken", "malformed", fault)
    return Verdict("ok", "well-formed", "it is written as it should be; nobody was asked")


def _mail_fault(rest: str) -> str | None:
    """Return what is wrong with a mailto: address; None for one that is well formed.

    Without an address it opens an empty mail, which the standard allows.
    """
    to, _, fields = rest.partition("?")
    for address in filter(None, to.split(",")):
        if fault := _address_fault(unquote(address).strip()):
            return fault
    for field in filter(None, re.split(r"&amp;|&", fields)):
        name, _, value = field.partition("=")
        if name.lower() in ("to", "cc", "bcc"):
            for address in filter(None, value.split(",")):
                if fault := _address_fault(unquote(address).strip()):
                    return fault
    return None


def _address_fault(address: str) -> str | None:
    shown = f'"{_printable(address)}"'
    local, at, domain = address.rpartition("@")
    if not at:
        return f"{shown} is no mail address: it has no @"
    if not _LOCAL.fullmatch(local):
        return f"{shown} is no mail address: what stands before the @ breaks the rules"
    if _LITERAL.fullmatch(domain):
        return None
    if "&" in domain or "=" in domain:
        return f"{shown} is no mail address: the first field behind an address begins with ?, not &"
    if len(domain) > 253 or not all(_LABEL.fullmatch(label) and len(label) <= 63 for label in domain.split(".")):
        return f"{shown} is no mail address: {_printable(domain) or 'nothing'} is no host name"
    return None


def _phone_fault(rest: str) -> str | None:
    """Return what is wrong with a telephone number; None for one that is well formed.

    A number without country code should name its context by the standard; hardly any does, and telephones dial it.
    """
    number, *parameters = rest.split(";")
    number = unquote(number).strip()
    shown = f'"{_printable(number)}"'
    digits = [letter for letter in number if letter.isdigit()]
    if not number or not (digits or set(number) & {"*", "#"}):
        return f"{shown} is no telephone number: it has no digits"
    if not _NUMBER.fullmatch(number):
        return f"{shown} is no telephone number: it may hold digits, spaces and -.()/ only, and + at its beginning"
    if number.startswith("+"):
        if re.search(r"[A-Fa-f*#]", number):
            return f"{shown} is no telephone number: behind a country code stand digits only"
        if len(digits) > E164_DIGITS:
            return f"{shown} is no telephone number: it has {len(digits)} digits, and {E164_DIGITS} are the most"
    wrong = next((parameter for parameter in parameters if not _PARAMETER.fullmatch(parameter)), None)
    return None if wrong is None else f'";{_printable(wrong)}" is no parameter of a telephone number'


def _text_message_fault(rest: str) -> str | None:
    """Return what is wrong with the numbers of an sms: address; without one it opens an empty message."""
    numbers = rest.partition("?")[0]
    return next((fault for number in filter(None, numbers.split(",")) if (fault := _phone_fault(number))), None)


def _content_fault(rest: str) -> str | None:
    """Return what is wrong with a data: address; a media type that cannot be read counts as text, as it does in browsers."""
    head, comma, content = rest.partition(",")
    if not comma:
        return "the data: address has no comma, which has to stand before its content"
    if not re.search(r";\s*base64\s*$", head, re.IGNORECASE):
        return None
    raw = re.sub(rb"[\t\n\f\r ]", b"", unquote_to_bytes(content))
    if not _BASE64.fullmatch(raw):
        return "the content of the data: address is not base64: it holds other characters"
    return "the content of the data: address is not base64: it is cut short" if len(raw.rstrip(b"=")) % 4 == 1 else None


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text[:100])


_RULES: dict[str, Callable[[str], str | None]] = {
    "mailto": _mail_fault,
    "tel": _phone_fault,
    "sms": _text_message_fault,
    "data": _content_fault,
}
