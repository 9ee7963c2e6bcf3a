"""Who sent a request, as far as clients are counted: an address, or a network of IPv6."""

from ipaddress import IPv6Address, IPv6Network

from flask import request

IPV6_CLIENT_BITS = 64
"""Bits of an IPv6 address that tell a client: a customer gets such a network (RFC 6177)."""


def client_network() -> str:
    """Return what stands for the client of the current request; "" where it is unknown."""
    return network_of(request.remote_addr or "")


def network_of(address: str) -> str:
    """Return what stands for the client at an address: whoever has one of IPv6 has 2^64.

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
