"""`{% load charts %}`: charts with their words in the reader's language."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from exchange.web import charts
from exchange.web.charts.svg import Number

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
def bars(
    items: Sequence[charts.Bar], title: Any, desc: Any = "", full: Number | None = None
) -> SafeString:
    """Show figures beside each other; `full` is the value of a whole bar."""
    told = desc or "; ".join(f"{item.label}: {item.note or item.value}" for item in items)
    return charts.bars(items, title=title, desc=told, full=full)


@register.simple_tag
def trend(readings: Sequence[charts.Reading], title: Any) -> SafeString:
    """Show a figure over time."""
    told = "; ".join(f"{item.label}: {item.value}" for item in readings)
    return charts.trend(readings, title=title, desc=told)


@register.simple_tag
def stairs(flights: Sequence[charts.Flight], until: datetime, title: Any) -> SafeString:
    """Show a price over time."""
    told = "; ".join(stair.label for flight in flights for stair in flight.stairs)
    return charts.stairs(flights, until=until, title=title, desc=told)


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
def tornado(swings: Sequence[charts.Swing], middle: Decimal, title: Any) -> SafeString:
    """Show how far each input moves a value."""
    told = "; ".join(f"{i.label}: {say(i.at_low)} – {say(i.at_high)}" for i in swings)
    return charts.tornado(swings, middle, say=say, title=title, desc=told)


@register.simple_tag
def claims(rows: Sequence[charts.Claimed], title: Any) -> SafeString:
    """Show what is declared against what was measured."""
    told = "; ".join(_claim_in_words(row) for row in rows)
    legend = charts.Legend(
        measured=_("measured, interval of 95 %"),
        declared=_("declared"),
        baseline=_("simple rule"),
    )
    return charts.claims(rows, legend=legend, title=title, desc=told)


def _claim_in_words(row: charts.Claimed) -> str:
    parts = [row.label]
    if row.declared is not None:
        parts.append(_("declared %(figure)s") % {"figure": f"{row.declared:.4g}"})
    if row.value is not None:
        parts.append(_("measured %(figure)s") % {"figure": f"{row.value:.4g}"})
    return ", ".join(part for part in (*parts, row.said) if part)


@register.simple_tag
def calibration(stretches: Sequence[charts.Stretch], title: Any) -> SafeString:
    """Show whether probabilities come true as often as they say."""
    told = "; ".join(f"{row.predicted:.2f}: {row.observed:.2f}" for row in stretches)
    return charts.calibration(
        stretches, across=_("predicted"), up=_("came true"), title=title, desc=told
    )


@register.simple_tag
def confusion(names: Sequence[str], shares: Sequence[Sequence[float]], title: Any) -> SafeString:
    """Show which classes are taken for which."""
    told = "; ".join(
        _("%(name)s: %(share)s %% told rightly")
        % {"name": name, "share": f"{row[place] * 100:.0f}"}
        for place, (name, row) in enumerate(zip(names, shares, strict=False))
        if len(row) > place
    )
    axes = _("true class ↓   what the model said →")
    return charts.confusion(names, shares, axes=axes, title=title, desc=told)


@register.simple_tag
def ratios(rows: Sequence[charts.Ratio], title: Any) -> SafeString:
    """Show how often groups are chosen beside the group most often chosen."""
    told = "; ".join(f"{row.label}: {row.ratio:.2f}" for row in rows)
    return charts.ratios(rows, line=_("four fifths"), title=title, desc=told)


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
