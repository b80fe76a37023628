"""Places as the rules on export tell them apart, and networks mapped to them."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


class Place(StrEnum):
    """Where somebody is. Whatever is not the mainland is outside (境外)."""

    MAINLAND = "MAINLAND"
    HK = "HK"
    MO = "MO"
    TW = "TW"
    ABROAD = "ABROAD"
    UNKNOWN = "UNKNOWN"


OUTSIDE: Final = frozenset(Place) - {Place.MAINLAND}


@dataclass(frozen=True)
class Networks:
    """Which networks are where, as the operator says. The most exact network counts."""

    known: tuple[tuple[Network, Place], ...] = ()
    home: Place = Place.MAINLAND

    def place_of(self, address: str) -> Place:
        """Return where an address is: UNKNOWN where nobody said.

        Loopback and private addresses are the operator's own house, unless it says otherwise of
        them; an IPv6 address that wraps one of IPv4 is read as that.
        """
        try:
            found: Address = ip_address(address.strip().partition("%")[0])
        except ValueError:
            return Place.UNKNOWN
        if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        for network, place in self._by_length.get(found.version, ()):
            if found in network:
                return place
        if found.is_loopback or any(
            found in network for network in _PRIVATE if network.version == found.version
        ):
            return self.home
        return Place.UNKNOWN

    @cached_property
    def _by_length(self) -> Mapping[int, list[tuple[Network, Place]]]:
        ordered = sorted(self.known, key=lambda pair: -pair[0].prefixlen)
        return {
            version: [pair for pair in ordered if pair[0].version == version] for version in (4, 6)
        }


def read_networks(text: str, *, home: Place = Place.MAINLAND) -> Networks:
    """Read the operator's file: for each place a list of networks, in TOML.

    Raises ValueError for a place that does not exist, a network that is none, and one network
    given to two places.
    """
    known: dict[Network, Place] = {}
    for name, networks in tomllib.loads(text).items():
        place = Place(name)
        for network in _parsed(networks):
            if known.setdefault(network, place) != place:
                msg = f"{network} is given to {known[network]} and to {place}"
                raise ValueError(msg)
    return Networks(tuple(known.items()), home)


def _parsed(networks: Any) -> Iterable[Network]:
    if not isinstance(networks, list):
        msg = "give each place a list of networks"
        raise TypeError(msg)
    return [ip_network(str(network)) for network in networks]


_PRIVATE: Final = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)
"""RFC 1918, RFC 3927, RFC 4193, RFC 4291: what `is_private` adds to these is not a house."""
