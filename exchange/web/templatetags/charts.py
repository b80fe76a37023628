"""`{% load charts %}`: charts with their words in the reader's language."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from exchange.web import charts

register = template.Library()


def say(amount: Decimal) -> str:
    """Return an amount as a chart says it."""
    return f"{amount:,.2f}".replace("-", "\u2212")


@register.simple_tag
def histogram(bins: Sequence[charts.Bin], title: Any, desc: Any = "") -> SafeString:
    """Show how the values of a column are distributed."""
    total = sum(item.count for item in bins)
    told = desc or _("%(bins)d classes, %(total)s values.") % {
        "bins": len(bins),
        "total": f"{total:,}",
    }
    return charts.histogram(bins, title=title, desc=told)


@register.simple_tag
def bars(items: Sequence[charts.Bar], title: Any, desc: Any = "") -> SafeString:
    """Show figures beside each other."""
    told = desc or "; ".join(f"{item.label}: {item.note or item.value}" for item in items)
    return charts.bars(items, title=title, desc=told)


@register.simple_tag
def interval(
    low: Decimal,
    mid: Decimal,
    high: Decimal,
    ask: Decimal | None = None,
    zone: str = "GREEN",
    currency: str = "CNY",
    title: Any = "",
) -> SafeString:
    """Show the appraisal band with the self-set price; `zone` is the deviation policy's."""
    band = charts.Band(
        low=low,
        mid=mid,
        high=high,
        ask=ask,
        tone={"GREEN": "good", "AMBER": "wait", "RED": "stop"}[zone],
        low_word=pgettext("appraisal band", "low"),
        mid_word=pgettext("appraisal band", "appraised"),
        high_word=pgettext("appraisal band", "high"),
        ask_word=_("self-set price"),
    )
    told = _("Appraised at %(mid)s, between %(low)s and %(high)s %(currency)s.") % {
        "low": say(low),
        "mid": say(mid),
        "high": say(high),
        "currency": currency,
    }
    if ask is not None:
        told += " " + _("The provider asks %(ask)s.") % {"ask": say(ask)}
    head = title or _("Appraisal band and self-set price, %(currency)s") % {"currency": currency}
    return charts.interval(band, say=say, title=head, desc=told)


@register.simple_tag
def waterfall(legs: Sequence[charts.Leg], title: Any) -> SafeString:
    """Show how an amount comes about."""
    told = "; ".join(f"{leg.label}: {say(leg.amount)}" for leg in legs)
    return charts.waterfall(legs, say=say, title=title, desc=told)


@register.simple_tag
def sparkline(values: Sequence[Any], title: Any) -> SafeString:
    """Show a trend in the space of a word."""
    told = (
        _("From %(first)s to %(last)s.") % {"first": values[0], "last": values[-1]}
        if values
        else _("No values.")
    )
    return charts.sparkline(values, title=title, desc=told)


@register.simple_tag
def null_share(rate: Any) -> SafeString:
    """Show the share of empty cells as a bar and a figure."""
    figure = f"{Decimal(str(rate)) * 100:.1f}\u00a0%"
    title = _("Empty cells: %(share)s") % {"share": figure}
    bar = charts.null_share(rate, title=title, desc=title)
    return format_html('<span class="nulls">{}<span class="figure">{}</span></span>', bar, figure)


@register.simple_tag
def seal(number: str, on: date, name: str = "权衡") -> SafeString:
    """Show the exchange's seal on a document it issued."""
    title = _("Seal of the exchange")
    told = _("%(number)s, issued %(on)s") % {"number": number, "on": on.isoformat()}
    return charts.seal(name=name, number=number, on=on.isoformat(), title=title, desc=told)


@register.simple_tag
def qr(address: str) -> SafeString:
    """Show an address as a code to photograph."""
    return charts.qr(address, title=_("Code of the verification page"), desc=address)
