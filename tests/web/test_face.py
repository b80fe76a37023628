"""How the exchange writes money, times, numbers, states and references."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from exchange.parties.models import Organization
from exchange.web import tones
from exchange.web.templatetags import face
from pricing.money import Money

HOSTILE = "<b>\"'&"


def show(source: str, **context: Any) -> str:
    """Return a template's output with the exchange's tags loaded."""
    return Template("{% load face parts %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Money.of("1234567.5"), "CNY</span>\u00a01,234,567.50"),
        (Money.of("0.00012", "USD"), "USD</span>\u00a00.00012"),
        (Money.of("-3", "HKD"), "HKD</span>\u00a0\u22123.00"),
        (Decimal("12.30000000"), "CNY</span>\u00a012.30"),
        (Decimal("12.34500000"), "CNY</span>\u00a012.345"),
        (Decimal("1E+3"), "CNY</span>\u00a01,000.00"),
        (0, "CNY</span>\u00a00.00"),
    ],
)
def test_money_stands_with_its_currency(value: object, shown: str) -> None:
    assert shown in face.money(value)


def test_nothing_is_a_dash_and_not_the_word_none() -> None:
    for write in (face.money, face.moment, face.day, face.grouped, face.octets, face.percent):
        assert write(None) == face.NOTHING


def test_instants_are_local_with_the_zone_on_hover() -> None:
    shown = face.moment(datetime(2026, 11, 22, 16, 5, 9, tzinfo=UTC))

    assert ">2026-11-23 00:05<" in shown
    assert "2026-11-23 00:05:09 Asia/Shanghai (UTC+08:00)" in shown
    assert 'datetime="2026-11-22T16:05:09+00:00"' in shown
    assert ">2026-11-23<" in face.day(datetime(2026, 11, 22, 16, 5, tzinfo=UTC))
    assert ">2026-11-22<" in face.day(date(2026, 11, 22))


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (336_776, "336,776", "33.68万"),
        (1_200_000_000, "1,200,000,000", "12亿"),
        (9_999, "9,999", "9,999"),
    ],
)
def test_large_numbers_in_prose(value: int, english: str, chinese: str) -> None:
    assert face.about(value) == english
    with translation.override("zh-hans"):
        assert face.about(value) == chinese
    assert face.grouped(-336_776) == "\u2212336,776"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0\u00a0B"), (999, "999\u00a0B"), (1000, "1.0\u00a0kB"), (2_100_000, "2.1\u00a0MB")],
)
def test_sizes_are_decimal_with_the_count_on_hover(value: int, shown: str) -> None:
    assert shown in face.octets(value)
    assert f'title="{value:,} B"' in face.octets(value)


def test_percent_keeps_one_digit() -> None:
    assert face.percent(Decimal("0.02449")) == "2.4\u00a0%"


def test_a_state_is_shape_word_and_colour(provider_org: Organization) -> None:
    shown = face.state(provider_org)

    assert 'class="state good"' in shown
    assert "icons.svg#good" in shown
    assert "<span>admitted</span>" in shown
    assert "state still" in face.badge("UNHEARD_OF", "new")
    assert "state stop" in face.badge("DRAFT", "x", "stop")


def test_every_tone_has_its_own_shape_in_the_sprite() -> None:
    from django.contrib.staticfiles import finders  # noqa: PLC0415

    path = finders.find("web/icons.svg")
    assert isinstance(path, str)
    with open(path) as file:  # noqa: PTH123
        sprite = file.read()

    assert set(tones.TONES.values()) <= set(tones.SHAPES)
    assert len(set(tones.SHAPES.values())) == len(tones.SHAPES)
    assert all(f'id="{shape}"' in sprite for shape in tones.SHAPES.values())


def test_references_and_hashes_can_be_copied() -> None:
    linked = face.reference("P-2026-1", "/p/1")

    assert '<a href="/p/1"><code>P-2026-1</code></a>' in linked
    assert 'data-copy="P-2026-1"' in linked
    assert "hidden" in linked
    assert face.reference("") == face.NOTHING
    assert 'data-copy="ab12"' in face.digest("ab12")


def test_words_from_outside_are_escaped() -> None:
    shown = [
        face.reference(HOSTILE, HOSTILE),
        face.digest(HOSTILE),
        face.badge("DRAFT", HOSTILE),
        show("{% panel title=x note=x %}{{ x }}{% endpanel %}", x=HOSTILE),
        show(
            "{% facts %}{% fact x help=x article=x %}{{ x }}{% endfact %}{% endfacts %}", x=HOSTILE
        ),
        show("{% alert tone='stop' title=x %}{{ x }}{% endalert %}", x=HOSTILE),
    ]

    for text in shown:
        assert "<b>" not in text
        assert "&lt;b&gt;" in text


def test_only_a_block_is_announced_at_once() -> None:
    assert 'role="alert"' in show("{% alert tone='stop' %}x{% endalert %}")
    assert 'role="status"' in show("{% alert tone='good' %}x{% endalert %}")


def test_an_empty_fact_is_a_dash() -> None:
    assert "–" in show("{% fact 'Region' %} {% endfact %}")


def test_roles_are_said_in_words() -> None:
    assert face.roles(["BUYER", "PROVIDER"]) == "data buyer · data provider"


def test_query_changes_one_value_and_drops_the_cursor(rf: RequestFactory) -> None:
    request = rf.get("/?status=LISTED&tag=a&tag=b&cursor=xyz")
    context = Context({"request": request})

    assert face.query(context, status="DRAFT") == "?tag=a&tag=b&status=DRAFT"
    assert face.query(context, tag=None) == "?status=LISTED"
