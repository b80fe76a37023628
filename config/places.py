"""Where a request comes from: the address of its connection, or what a trusted proxy says of it.

The exchange has no database of addresses. The operator says in PLACES_FILE which networks are
where; what nobody said is unknown, and treated as PLACE_OF_UNKNOWN.
"""

from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpRequest

from exchange.compliance.export import Networks, Place, read_networks

FORWARDED: Final = "X-Forwarded-For"
HOUSE: Final = (
    "127.0.0.0/8",
    "::1/128",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "fc00::/7",
)


def place_of(request: HttpRequest) -> Place:
    """Return where a request comes from; never more than the operator knows."""
    found = _found(request)
    return Place(settings.PLACE_OF_UNKNOWN) if found == Place.UNKNOWN else found


def faults_of_places() -> str:
    """Return why places cannot be told with the present settings; empty where they can."""
    try:
        _networks()
        Place(settings.PLACE_OF_UNKNOWN)
        _parsed(tuple(settings.TRUSTED_PROXIES))
    except (OSError, ValueError, TypeError) as error:
        return str(error)
    return ""


def _found(request: HttpRequest) -> Place:
    near = request.META.get("REMOTE_ADDR", "")
    proxies = tuple(settings.TRUSTED_PROXIES) or (HOUSE if settings.BEHIND_PROXY else ())
    if not _is_in(near, proxies):
        return _networks().place_of(near)
    named = request.headers.get(settings.PLACE_HEADER, "") if settings.PLACE_HEADER else ""
    if named:
        return Place(named) if named in {str(place) for place in Place} else Place.UNKNOWN
    hops = [hop.strip() for hop in request.headers.get(FORWARDED, "").split(",") if hop.strip()]
    beyond = next((hop for hop in reversed(hops) if not _is_in(hop, proxies)), "")
    return _networks().place_of(beyond or (hops[0] if hops else ""))


def _is_in(address: str, networks: tuple[str, ...]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(
        mapped in network for network in _parsed(networks) if network.version == mapped.version
    )


@cache
def _parsed(networks: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(text) for text in networks)


def _networks() -> Networks:
    return _read(settings.PLACES_FILE, settings.PLACE_OF_HOUSE)


@cache
def _read(file: str, house: str) -> Networks:
    text = Path(file).read_text(encoding="utf-8") if file else ""
    return read_networks(text, home=Place(house))
