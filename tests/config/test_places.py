"""Where a request comes from, as far as the operator knows; and what is refused at the start."""

from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory

from config.checks import check_places
from config.places import place_of

TOML = 'MAINLAND = ["203.0.113.0/24"]\nHK = ["203.0.113.128/25"]\nABROAD = ["2001:db8::/32"]\n'


@pytest.fixture
def known(settings: Any, tmp_path: Path) -> Any:
    """The operator's file, and one trusted proxy."""
    file = tmp_path / "places.toml"
    file.write_text(TOML, encoding="utf-8")
    settings.PLACES_FILE = str(file)
    settings.PLACE_OF_HOUSE, settings.PLACE_OF_UNKNOWN = "MAINLAND", "UNKNOWN"
    settings.PLACE_HEADER, settings.BEHIND_PROXY = "", False
    settings.TRUSTED_PROXIES = ["198.51.100.0/24"]
    return settings


def asked(address: str, **headers: str) -> str:
    return str(place_of(RequestFactory().get("/", REMOTE_ADDR=address, headers=headers)))


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.9", "MAINLAND"),
        ("203.0.113.200", "HK"),
        ("::ffff:203.0.113.200", "HK"),
        ("2001:db8::7", "ABROAD"),
        ("192.168.1.4", "MAINLAND"),
        ("127.0.0.1", "MAINLAND"),
        ("192.0.2.1", "UNKNOWN"),
        ("", "UNKNOWN"),
        ("not an address", "UNKNOWN"),
    ],
)
@pytest.mark.usefixtures("known")
def test_the_most_exact_network_says_where(address: str, place: str) -> None:
    assert asked(address) == place


@pytest.mark.usefixtures("known")
def test_a_header_of_somebody_else_is_not_believed() -> None:
    assert asked("203.0.113.200", X_Forwarded_For="203.0.113.9") == "HK"


@pytest.mark.parametrize(
    ("hops", "place"),
    [
        ("203.0.113.200", "HK"),
        ("203.0.113.9, 203.0.113.200", "HK"),  # what the caller wrote himself stands first
        ("203.0.113.200, 198.51.100.2", "HK"),
        ("", "UNKNOWN"),
        ("nonsense", "UNKNOWN"),
    ],
)
@pytest.mark.usefixtures("known")
def test_of_a_trusted_proxy_the_last_hop_that_is_none_counts(hops: str, place: str) -> None:
    assert asked("198.51.100.1", X_Forwarded_For=hops) == place


def test_a_proxy_may_name_the_place(known: Any) -> None:
    known.PLACE_HEADER = "X-Place"

    assert asked("198.51.100.1", X_Place="MO", X_Forwarded_For="203.0.113.9") == "MO"
    assert asked("198.51.100.1", X_Place="Atlantis") == "UNKNOWN"
    assert asked("203.0.113.200", X_Place="MAINLAND") == "HK"


def test_what_is_not_known_is_what_the_operator_says_of_it(known: Any) -> None:
    known.PLACE_OF_UNKNOWN = "ABROAD"

    assert asked("192.0.2.1") == "ABROAD"


def test_settings_that_hold_are_not_complained_about(known: Any) -> None:
    assert check_places() == []
    known.PLACE_HEADER = "X-Place"
    assert check_places() == []


@pytest.mark.parametrize(
    ("changes", "number", "words"),
    [
        ({"PLACES_FILE": "/nowhere/places.toml"}, "E010", "No such file"),
        ({"PLACE_OF_HOUSE": "HERE"}, "E010", "HERE"),
        ({"PLACE_OF_UNKNOWN": "NOBODY"}, "E010", "NOBODY"),
        ({"TRUSTED_PROXIES": ["10.0.0.0/33"]}, "E010", "10.0.0.0/33"),
        ({"PLACE_HEADER": "X-Place", "TRUSTED_PROXIES": []}, "E011", "no proxy is trusted"),
    ],
)
def test_settings_that_do_not_hold_are_named(
    changes: dict[str, Any], number: str, words: str, known: Any
) -> None:
    for name, value in changes.items():
        setattr(known, name, value)

    (found,) = check_places()

    assert found.id == f"quanheng.{number}"
    assert words in found.msg


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("MAINLAND = ['203.0.113.0/24']\nHK = ['203.0.113.0/24']", "to MAINLAND and to HK"),
        ("ATLANTIS = ['203.0.113.0/24']", "ATLANTIS"),
        ("HK = '203.0.113.0/24'", "a list of networks"),
        ("HK = ['203.0.113.1/24']", "host bits set"),
        ("HK = [", "Invalid"),
    ],
)
def test_a_file_that_says_nothing_certain_is_refused(
    text: str, words: str, known: Any, tmp_path: Path
) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(text, encoding="utf-8")
    known.PLACES_FILE = str(file)

    (found,) = check_places()

    assert words in found.msg
