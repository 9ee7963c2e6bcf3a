"""The client of a request, for counting: an IPv4 address or an IPv6 network."""

from ipaddress import IPv6Address, IPv6Network

from flask import request

IPV6_CLIENT_BITS = 64
"""Bits of an IPv6 address that identify a client: customers get a /64 or larger (RFC 6177)."""


def client_network() -> str:
    """Return the address or network of the client of the current request; "" if unknown."""
    return network_of(request.remote_addr or "")


def network_of(address: str) -> str:
    """Return the address that a client is counted by; for IPv6 its network of 2^64 addresses.

    >>> network_of("2001:db8:1:2:3::4"), network_of("203.0.113.9"), network_of("?")
    ('2001:db8:1:2::/64', '203.0.113.9', '?')
    >>> network_of("::ffff:203.0.113.9")
    '203.0.113.9'
    """
    try:
        parsed = IPv6Address(address)
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped
    return str(mapped or IPv6Network((parsed, IPV6_CLIENT_BITS), strict=False))
