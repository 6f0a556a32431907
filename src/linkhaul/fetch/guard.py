"""Which addresses may be reached: a page of the public web must not lead us into a private network.

The check is made on the address that a socket is about to be connected to (see `fetch.connect`), for every new
connection, never on what a look-up said earlier: a DNS answer that changes between look-up and connect changes nothing.

The tables are our own because `ipaddress.is_global` differs between Python versions and calls 6to4, NAT64, multicast
and site-local addresses global.

Source: IANA special-purpose address registries (RFC 6890 and its updates).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_METADATA = {
    ip_address("169.254.169.254"): "the metadata service of a cloud",
    ip_address("fd00:ec2::254"): "the metadata service of a cloud",
    ip_address("100.100.100.200"): "the metadata service of a cloud",
}
_V4 = tuple(
    (IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "an unspecified address"),
        ("10.0.0.0/8", "a private address"),
        ("100.64.0.0/10", "an address inside a provider's network"),
        ("127.0.0.0/8", "this very machine"),
        ("169.254.0.0/16", "a link-local address"),
        ("172.16.0.0/12", "a private address"),
        ("192.0.0.0/24", "a reserved address"),
        ("192.0.2.0/24", "an address for documentation"),
        ("192.88.99.0/24", "a reserved address"),
        ("192.168.0.0/16", "a private address"),
        ("198.18.0.0/15", "an address for benchmarks"),
        ("198.51.100.0/24", "an address for documentation"),
        ("203.0.113.0/24", "an address for documentation"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
    )
)
_V6 = tuple(
    (IPv6Network(network), reason)
    for network, reason in (
        ("::/128", "an unspecified address"),
        ("::1/128", "this very machine"),
        ("fc00::/7", "a private address"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a private address"),
        ("ff00::/8", "a multicast address"),
        ("2001:2::/48", "an address for benchmarks"),
        ("2001:10::/28", "a reserved address"),
        ("2001:20::/28", "a reserved address"),
        ("2001:db8::/32", "an address for documentation"),
        ("3fff::/20", "an address for documentation"),
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")
_NAT64 = IPv6Network("64:ff9b::/96")


def forbidden_address(address: str) -> str | None:
    """Return why an address is not on the public internet, or None when it is.

    Args:
        address: an IP address as text; brackets and an IPv6 zone may stand with it. What is no address is forbidden.

    >>> forbidden_address("10.1.2.3")
    'a private address'
    >>> forbidden_address("64:ff9b::7f00:1")
    'this very machine (inside an IPv6 address)'
    """
    try:
        parsed = ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return "no address"
    return _forbidden_v4(parsed) if isinstance(parsed, IPv4Address) else _forbidden_v6(parsed)


def forbidden_host(hostname: str) -> str | None:
    """Return why a host name may not be asked for by way of a proxy, or None.

    A proxy looks names up itself, so that only what a name shows can be judged here: an address, or localhost.
    """
    bare = hostname.strip("[]").rstrip(".").lower()
    if bare == "localhost" or bare.endswith(".localhost"):
        return "this very machine"
    is_address = ":" in bare or bare.replace(".", "").isdigit()
    return forbidden_address(bare) if is_address else None


def _forbidden_v4(address: IPv4Address) -> str | None:
    if address in _METADATA:
        return _METADATA[address]
    return next((reason for network, reason in _V4 if address in network), None)


def _forbidden_v6(address: IPv6Address) -> str | None:
    if address in _METADATA:
        return _METADATA[address]
    inside = _embedded(address)
    if inside:
        reasons = [reason for reason in map(_forbidden_v4, inside) if reason]
        return f"{reasons[0]} (inside an IPv6 address)" if reasons else None
    reason = next((reason for network, reason in _V6 if address in network), None)
    return reason or (None if address in _GLOBAL_V6 else "a reserved address")


def _embedded(address: IPv6Address) -> list[IPv4Address]:
    """Return the IPv4 addresses that packets for an IPv6 address may end at: mapped, NAT64, 6to4 and Teredo."""
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    if address in _SIX_TO_FOUR:
        return [IPv4Address(int(address) >> 80 & 0xFFFFFFFF)]
    if address in _TEREDO and address.teredo:
        return list(address.teredo)
    return []
