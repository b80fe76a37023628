"""Networks mapped to places; working days; lines of a year."""

from datetime import date

import pytest

from exchange.compliance.export import Heads, Place, crossed, lines_of, read_networks, standing
from exchange.compliance.export.calendar import is_workday, workdays_after, workdays_before

from .making import rules_in_effect

RULES = rules_in_effect()
TEXT = """
MAINLAND = ["203.0.113.0/24", "2001:db8:1::/48"]
HK = ["203.0.113.128/25"]
ABROAD = ["198.51.100.0/24", "10.9.0.0/16"]
"""


@pytest.mark.parametrize(("address", "place"), [
    ("203.0.113.1", Place.MAINLAND),
    ("203.0.113.127", Place.MAINLAND),
    ("203.0.113.128", Place.HK),
    ("::ffff:203.0.113.200", Place.HK),
    ("2001:db8:1::5", Place.MAINLAND),
    ("2001:db8:2::5", Place.UNKNOWN),
    ("198.51.100.9", Place.ABROAD),
    ("192.0.2.1", Place.UNKNOWN),
    ("127.0.0.1", Place.MAINLAND),
    ("::1", Place.MAINLAND),
    ("fe80::1%eth0", Place.MAINLAND),
    ("10.1.2.3", Place.MAINLAND),
    ("10.9.2.3", Place.ABROAD),
    ("100.64.0.1", Place.UNKNOWN),
    ("0.0.0.1", Place.UNKNOWN),
    ("", Place.UNKNOWN),
    ("localhost", Place.UNKNOWN),
    ("203.0.113.1, 10.0.0.1", Place.UNKNOWN),
])  # fmt: skip
def test_an_address_is_where_the_most_exact_network_is(address: str, place: Place) -> None:
    assert read_networks(TEXT).place_of(address) == place


def test_the_house_is_where_the_operator_says() -> None:
    assert read_networks("", home=Place.HK).place_of("127.0.0.1") == Place.HK


@pytest.mark.parametrize("text", [
    'MOON = ["10.0.0.0/8"]',
    'HK = ["10.0.0.1/8"]',
    'HK = ["here"]',
    'HK = ["10.0.0.0/8"]\nMO = ["10.0.0.0/8"]',
    "HK = ",
])  # fmt: skip
def test_a_wrong_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  of several kinds
        read_networks(text)


def test_working_days_follow_the_announcement() -> None:
    assert not is_workday(date(2026, 10, 7), RULES)
    assert is_workday(date(2026, 10, 10), RULES)  # a Saturday worked in exchange
    assert workdays_after(date(2026, 9, 30), 1, RULES) == date(2026, 10, 8)
    assert workdays_after(date(2026, 11, 23), 10, RULES) == date(2026, 12, 7)
    assert workdays_before(date(2026, 10, 8), 1, RULES) == date(2026, 9, 30)
    assert workdays_before(date(2026, 12, 7), 10, RULES) == date(2026, 11, 23)


def test_years_without_announcement_get_a_margin() -> None:
    plain = workdays_before(date(2026, 12, 31), 60, RULES)
    beyond = workdays_before(date(2029, 12, 31), 60, RULES)

    assert plain == date(2026, 10, 9)
    assert beyond == date(2029, 9, 10)  # eighty weekdays, not sixty


def test_lines_come_with_their_warning_marks() -> None:
    assert [(line.name, line.at, line.warn_at) for line in lines_of(RULES.lines)] == [
        ("ordinary_contract_from", 100_000, 80_000),
        ("ordinary_assessment_from", 1_000_000, 800_000),
        ("sensitive_contract_from", 1, 1),
        ("sensitive_assessment_from", 10_000, 8_000),
    ]


@pytest.mark.parametrize(("before", "after", "names"), [
    (Heads(), Heads(ordinary=79_999, sensitive=7_999), []),
    (Heads(ordinary=79_999), Heads(ordinary=80_000), ["ordinary_contract_from"]),
    (Heads(ordinary=80_000), Heads(ordinary=799_999), []),
    (Heads(), Heads(ordinary=800_000), ["ordinary_contract_from", "ordinary_assessment_from"]),
    (Heads(sensitive=7_999), Heads(sensitive=8_000), ["sensitive_assessment_from"]),
])  # fmt: skip
def test_a_warning_comes_once_at_four_fifths(before: Heads, after: Heads, names: list[str]) -> None:
    assert [line.name for line in crossed(RULES.lines, before, after)] == names


def test_standing_tells_count_and_share() -> None:
    shares = {line.name: (count, share) for line, count, share in standing(
        RULES.lines, Heads(ordinary=50_000, sensitive=20_000)
    )}  # fmt: skip

    assert shares["ordinary_contract_from"] == (50_000, 50)
    assert shares["ordinary_assessment_from"] == (50_000, 5)
    assert shares["sensitive_assessment_from"] == (20_000, 100)
