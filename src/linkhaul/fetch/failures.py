"""What went wrong, in a sentence.

A failure says what was expected, what was seen, and the remedy if there is one. `may_pass` tells whether asking again
later could help: a refused connection may pass, a wrong certificate will not. No text here can hold a secret: it is made
from the host's name, the settings' numbers and what the *server* sent, cut short and made printable.
"""

from __future__ import annotations

import errno
import socket
import ssl

from linkhaul.config import FetchSettings
from linkhaul.fetch.journey import Journey, ProxyFault
from linkhaul.model.records import Failure, FailureKind

_EXPIRED, _NOT_YET, _SELF_SIGNED, _SELF_SIGNED_CHAIN, _NO_ISSUER, _NO_ISSUER_FIRST, _WRONG_NAME, _WRONG_ADDRESS = (
    10,
    9,
    18,
    19,
    20,
    21,
    62,
    64,
)
_CERTIFICATE = {
    _EXPIRED: "its certificate has expired",
    _NOT_YET: "its certificate is not valid yet",
    _SELF_SIGNED: "its certificate is self-signed",
    _SELF_SIGNED_CHAIN: "its certificate comes from an issuer that nobody here trusts",
    _NO_ISSUER: "its certificate's issuer is not known here, or the server leaves out an intermediate certificate",
    _NO_ISSUER_FIRST: "its certificate's issuer is not known here, or the server leaves out an intermediate certificate",
    _WRONG_NAME: "its certificate is for another name",
    _WRONG_ADDRESS: "its certificate is for another address",
}
_TLS = {
    "WRONG_VERSION_NUMBER": "it does not speak TLS on this port; is it http:// ?",
    "HTTP_REQUEST": "it does not speak TLS on this port; is it http:// ?",
    "PACKET_LENGTH_TOO_LONG": "it does not speak TLS on this port; is it http:// ?",
    "RECORD_LAYER_FAILURE": "it does not speak TLS on this port; is it http:// ?",
    "UNSUPPORTED_PROTOCOL": "it speaks only versions of TLS that are no longer safe",
    "TLSV1_ALERT_PROTOCOL_VERSION": "it speaks only versions of TLS that we do not",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "it and we share no way to encrypt, or it serves no such host",
    "TLSV1_UNRECOGNIZED_NAME": "it serves no host of this name",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "it asks for a certificate of ours",
    "DH_KEY_TOO_SMALL": "it uses a key that is too short to be safe",
    "UNEXPECTED_EOF_WHILE_READING": "it hung up during the TLS handshake",
}
_BY_ERRNO: dict[int, tuple[FailureKind, str]] = {
    errno.ECONNREFUSED: ("refused", "nothing listens there: the connection was refused"),
    errno.ECONNRESET: ("reset", "the server hung up"),
    errno.ECONNABORTED: ("reset", "the connection was broken off"),
    errno.EPIPE: ("reset", "the server hung up"),
    errno.ETIMEDOUT: ("connect-timeout", "the host does not answer"),
    errno.EHOSTUNREACH: ("network", "there is no way to that host"),
    errno.ENETUNREACH: ("network", "there is no way to that network; is this machine online?"),
    errno.EMFILE: ("network", "this machine has no file descriptors left; lower --concurrency or raise ulimit -n"),
    errno.EADDRNOTAVAIL: ("network", "this machine has no address or no free port for the connection"),
}


def failure_of(error: OSError, where: str, journey: Journey, settings: FetchSettings) -> Failure:
    """Return the failure that the way to a host ended with, before the request was sent.

    Args:
        error: what was raised by look-up, connection or TLS handshake.
        where: the host's name and port as people write them.
        journey: how far the request came.
    """
    if journey.refused and not journey.is_allowed:
        return guarded(where, *journey.refused)
    if isinstance(error, TimeoutError) and not error.errno:
        return _no_connection(where, journey, settings)
    if isinstance(error, ProxyFault):
        return _proxy(error)
    if isinstance(error, socket.gaierror):
        return _dns(error, where)
    if journey.refused and not isinstance(error, ssl.SSLError):
        return Failure(
            "network", f"{where}: its public addresses cannot be reached, and others of its addresses are private", may_pass=True
        )
    return broken_off(error, where)


def broken_off(error: BaseException, where: str) -> Failure:
    """Return the failure of a connection that the system or TLS broke off."""
    if isinstance(error, ssl.SSLError):
        return _tls(error, where)
    if isinstance(error, ConnectionResetError):
        return Failure("reset", f"{where}: the server hung up", may_pass=True)
    number = (error.errno or 0) if isinstance(error, OSError) else 0
    kind, reason = _BY_ERRNO.get(number, ("network", ""))
    text = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    reason = reason or f"the connection failed: {printable(text)}"
    return Failure(kind, f"{where}: {reason}", may_pass=True)


def closed(where: str, when: str) -> Failure:
    """Return the failure of a connection that the server closed too early.

    Args:
        when: how far the reply had come, to stand behind "closed the connection".
    """
    return Failure("reset", f"{where} closed the connection {when}", may_pass=True)


def silent(where: str, settings: FetchSettings) -> Failure:
    """Return the failure of a server that sends nothing more."""
    return Failure("read-timeout", f"{where} sent nothing for {settings.read_timeout:g} s (read_timeout)", may_pass=True)


def unfinished(where: str, settings: FetchSettings) -> Failure:
    """Return the failure of a reply that takes too long as a whole."""
    return Failure("read-timeout", f"{where} did not finish its reply within {settings.timeout:g} s (timeout)", may_pass=True)


def guarded(where: str, address: str, reason: str) -> Failure:
    """Return the failure for an address that the guard refuses."""
    at = "" if address == where else f" is at {address}, which"
    return Failure("guard", f"{where}{at} is {reason}; a page may not lead there unless --allow-private is given")


def bad_url(url: str) -> Failure:
    """Return the failure for a URL that no request can be made of."""
    return Failure("bad-url", f"no request can be made for this URL: {printable(url)}")


def bad_reply(detail: str) -> Failure:
    """Return the failure for a reply that nobody can understand."""
    return Failure("bad-reply", detail)


def breaks_http(where: str, how: str) -> Failure:
    """Return the failure for a reply that breaks HTTP."""
    return bad_reply(f"{where} breaks HTTP: {printable(how)}")


def printable(text: str) -> str:
    """Return a server's text for a message: one line, at most 160 characters, nothing that could move a cursor."""
    line = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "?" for letter in line[:160])


def _no_connection(where: str, journey: Journey, settings: FetchSettings) -> Failure:
    limit = min(settings.connect_timeout, settings.timeout)
    what = "no connection" if journey.socket_at is not None else "no address in the DNS"
    return Failure("connect-timeout", f"{where}: {what} within {limit:g} s (connect_timeout)", may_pass=True)


def _dns(error: OSError, where: str) -> Failure:
    name = where.rpartition(":")[0] if where.rpartition(":")[2].isdigit() else where
    if error.errno == socket.EAI_AGAIN:
        return Failure("dns", f"the name {name} could not be looked up just now; is this machine online?", may_pass=True)
    return Failure("dns", f"there is no host named {name} in the DNS")


def _tls(error: ssl.SSLError, where: str) -> Failure:
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = _CERTIFICATE.get(error.verify_code, f"its certificate cannot be trusted: {printable(error.verify_message)}")
        return Failure("tls", f"{where}: {reason}; --insecure would not look")
    reason = _TLS.get(error.reason or "", f"the TLS handshake failed: {printable(error.reason or str(error))}")
    return Failure("tls", f"{where}: {reason}")


def _proxy(fault: ProxyFault) -> Failure:
    if fault.status is not None:
        remedy = "; give its user and password in the proxy's URL" if fault.status == 407 else ""
        return Failure("network", f"the proxy answered {fault.status} instead of opening a way{remedy}", may_pass=fault.status != 407)
    how = "cannot be reached" if fault.unknown_name is None else f"{printable(fault.unknown_name)} is not in the DNS"
    return Failure("network", f"the proxy {how}; see the setting proxy and the variables HTTP_PROXY, HTTPS_PROXY", may_pass=True)
