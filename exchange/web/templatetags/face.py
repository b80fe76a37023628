"""`{% load face %}`: words, numbers and marks as this exchange writes them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from audit.disclosure.wording import TECHNIQUES
from exchange.parties.states import OrganizationRole
from exchange.web.tones import SHAPES, tone_of
from pricing.report import figure

register = template.Library()
NOTHING = mark_safe('<span class="nothing">–</span>')
KILO = 1000
UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return a symbol of the sprite; it says nothing that words beside it do not."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("web/icons.svg"),
        name,
    )


@register.filter
def money(value: Any, currency: str = "CNY") -> SafeString:
    """Return an amount with its currency: a Money, or a Decimal in `currency`."""
    if value is None or value == "":
        return NOTHING
    amount = Decimal(getattr(value, "amount", value))
    unit = getattr(value, "currency", currency)
    places = max(2, -int(amount.as_tuple().exponent))
    trimmed = f"{amount:,.{places}f}"
    while places > 2 and trimmed.endswith("0"):  # noqa: PLR2004  fen stay
        trimmed, places = trimmed[:-1], places - 1
    return format_html(
        '<span class="money"><span class="unit">{}</span>\u00a0{}</span>',
        unit,
        trimmed.replace("-", "\u2212"),
    )


@register.filter
def moment(value: datetime | None) -> SafeString:
    """Return an instant to the minute, with seconds and zone on hover."""
    if value is None:
        return NOTHING
    local = timezone.localtime(value)
    zone = f"{local:%z}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        f"{local:%Y-%m-%d %H:%M:%S} {timezone.get_current_timezone_name()} "
        f"(UTC{zone[:3]}:{zone[3:]})",
        f"{local:%Y-%m-%d %H:%M}",
    )


@register.filter
def day(value: date | datetime | None) -> SafeString:
    """Return a date."""
    if value is None:
        return NOTHING
    shown = timezone.localtime(value) if isinstance(value, datetime) else value
    return format_html('<time datetime="{0}">{0}</time>', f"{shown:%Y-%m-%d}")


@register.filter(name="figure")
def as_figure(value: Decimal) -> str:
    """Write a figure of a working, with four places at most."""
    return figure(value)


@register.filter
def at(table: Mapping[str, Any], name: str) -> Any:
    """Return what a table has under a name."""
    return table[name]


@register.filter
def grouped(value: Any) -> SafeString | str:
    """Return a number in groups of three, for tables in every language."""
    if value is None or value == "":
        return NOTHING
    return f"{value:,}".replace("-", "\u2212")


@register.filter
def extent(release: Any) -> SafeString | str:
    """Return how much a release holds: rows and columns, or a model's inputs and outputs."""
    if getattr(release, "is_model", False):
        told = release.model
        count = {"inputs": len(told["inputs"]), "outputs": len(told["outputs"])}
        return _("model, inputs: %(inputs)d, outputs: %(outputs)d") % count
    return f"{grouped(release.rows)} × {len(release.columns)}"


@register.filter
def techniques(release: Any) -> str:
    """Return the techniques seen in a model's file, in words."""
    return ", ".join(str(TECHNIQUES[name]) for name in release.model["techniques"]) or _(
        "none told"
    )


@register.filter
def about(value: float) -> str:
    """Return a large number for prose: 万 and 亿 in Chinese, grouped elsewhere."""
    if (get_language() or "").startswith("zh"):
        for size, unit in ((10**8, "亿"), (10**4, "万")):
            if abs(value) >= size:
                return f"{value / size:.2f}".rstrip("0").rstrip(".") + unit
    return f"{value:,}"


@register.filter
def octets(value: int | None) -> SafeString:
    """Return a size in decimal units, with the exact count on hover."""
    if value is None:
        return NOTHING
    size, unit = float(value), 0
    while size >= KILO and unit + 1 < len(UNITS):
        size, unit = size / KILO, unit + 1
    text = f"{size:.0f}" if unit == 0 else f"{size:.1f}"
    return format_html(
        '<span class="figure" title="{} B">{}\u00a0{}</span>', f"{value:,}", text, UNITS[unit]
    )


@register.filter
def percent(rate: Any) -> SafeString | str:
    """Return a ratio in [0, 1] as percent with one digit."""
    return NOTHING if rate is None else f"{Decimal(rate) * 100:.1f}\u00a0%"


@register.simple_tag
def badge(status: str, label: Any, tone: str = "") -> SafeString:
    """Return a state as shape, word and colour."""
    shade = tone or tone_of(status)
    return format_html(
        '<span class="state {}">{}<span>{}</span></span>', shade, icon(SHAPES[shade]), label
    )


@register.simple_tag
def state(thing: Any) -> SafeString:
    """Return the state of anything with a status of choices."""
    tone = tone_of(thing.status, thing.lifecycle.kind if hasattr(thing, "lifecycle") else "")
    return badge(thing.status, thing.get_status_display(), tone)


@register.simple_tag
def reference(value: str, url: str = "") -> SafeString:
    """Return an identifier in monospace, linked where it leads somewhere, with a copy button."""
    if not value:
        return NOTHING
    code = format_html("<code>{}</code>", value)
    shown = format_html('<a href="{}">{}</a>', url, code) if url else code
    return format_html('<span class="ref">{}{}</span>', shown, _copy(value))


@register.simple_tag
def digest(value: str, kind: str = "SHA-256") -> SafeString:
    """Return a hash in full, breaking where the line ends, with a copy button."""
    if not value:
        return NOTHING
    return format_html(
        '<span class="ref digest"><span class="unit">{}</span> <code>{}</code>{}</span>',
        kind,
        value,
        _copy(value),
    )


def _copy(value: str) -> SafeString:
    words = _("Copy %(value)s") % {"value": value}
    return format_html(
        '<button type="button" class="copy" data-copy="{}" aria-label="{}" title="{}" hidden>'
        "{}</button>",
        value,
        words,
        pgettext("button", "Copy"),
        icon("copy"),
    )


@register.filter
def roles(codes: Iterable[str]) -> str:
    """Return the roles of an organization in words."""
    return " · ".join(str(OrganizationRole(code).label) for code in codes)


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """Return the present address's query with some values changed; None removes one.

    The cursor never survives a change.
    """
    kept = [
        (name, value)
        for name, values in context["request"].GET.lists()
        for value in values
        if name not in changes and name != "cursor"
    ]
    kept += [(name, value) for name, value in changes.items() if value not in (None, "")]
    return "?" + urlencode(kept)


@register.simple_tag(takes_context=True)
def narrowed(context: template.Context, name: str, value: str) -> str:
    """Return the present address's query with one more value of a filter, from the first page."""
    kept = [pair for pair in _pairs(context) if pair != (name, value)]
    return "?" + urlencode([*kept, (name, value)])


@register.simple_tag(takes_context=True)
def without(context: template.Context, name: str, value: str) -> str:
    """Return the present address's query with one value of a filter less, from the first page."""
    return "?" + urlencode([pair for pair in _pairs(context) if pair != (name, value)])


def _pairs(context: template.Context) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in context["request"].GET.lists()
        for value in values
        if name not in ("cursor", "from")
    ]


@register.simple_block_tag
def panel(content: str, title: Any = "", note: Any = "", mark: str = "") -> SafeString:
    """Return a section of a page with its heading; `mark` is its anchor."""
    head = format_html("<h2>{}</h2>", title) if title else ""
    remark = format_html('<p class="note">{}</p>', note) if note else ""
    anchor = format_html(' id="{}"', mark) if mark else ""
    return format_html(
        '<section class="panel"{}>{}{}{}</section>', anchor, head, remark, SafeString(content)
    )


@register.simple_block_tag
def facts(content: str) -> SafeString:
    """Return a definition list; put `{% fact %}` inside."""
    return format_html('<dl class="facts">{}</dl>', SafeString(content))


@register.simple_block_tag
def fact(content: str, term: Any, article: Any = "", help: Any = "") -> SafeString:  # noqa: A002  the word in templates
    """Return one term and its value, with a line of explanation and the article of law."""
    return format_html(
        "<div><dt>{}</dt><dd>{}{}</dd></div>",
        term,
        SafeString(content.strip()) or NOTHING,
        _help(help, article),
    )


def _help(text: Any, article: Any) -> SafeString:
    lines = [("help", text), ("article", article)]
    return format_html_join("", '<span class="{}">{}</span>', [line for line in lines if line[1]])


@register.simple_block_tag
def alert(content: str, tone: str = "still", title: Any = "") -> SafeString:
    """Return a message that stands out; only `stop` is announced at once."""
    head = format_html("<strong>{}</strong> ", title) if title else ""
    return format_html(
        '<div class="alert {}" role="{}">{}<div>{}{}</div></div>',
        tone,
        "alert" if tone == "stop" else "status",
        icon(SHAPES[tone]),
        head,
        SafeString(content.strip()),
    )
