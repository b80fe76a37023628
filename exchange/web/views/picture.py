"""The market picture: index, volumes, and how asks stand to their bands."""

from typing import Any, Final

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.catalog.vocabulary import Industry, ProductType
from exchange.trading.prices import ask_dispersion, market_picture
from exchange.web.charts import Bar, Reading
from exchange.web.components import Column, Head
from exchange.web.pages import Page
from pricing.market_picture import BUYERS, DEALS, SELLERS, Dispersion, Group, Picture, Showing
from pricing.money import DEFAULT_CURRENCY

SHOWINGS: Final = {
    Showing.TOO_FEW: gettext_lazy("too few deals to show"),
    Showing.PROTECTING: gettext_lazy("hidden, so that another group cannot be reckoned"),
    Showing.EMPTY: gettext_lazy("no deal"),
}
DRAWN: Final = 1
"""How deep in the tree of groups a chart is drawn: all trades and the industries."""

COLUMNS: Final = (
    Column(label=gettext_lazy("Group")),
    Column(label=gettext_lazy("Deals"), number=True),
    Column(label=gettext_lazy("Volume"), number=True),
    Column(
        label=gettext_lazy("Typical price"),
        meaning=gettext_lazy("Geometric mean of the prices of one unit"),
        number=True,
    ),
    Column(label=gettext_lazy("Index"), number=True),
)


class MarketPicture(Page):
    """Open to everybody, the same for everybody."""

    public = True
    template_name = "market/picture.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        picture = market_picture(timezone.localdate(self.now))
        asks = ask_dispersion()
        return super().get_context_data(
            head=Head(
                title=_("Market picture"),
                summary=_(
                    "Price index, volumes and asking prices, from concluded trades of quarters "
                    "that have ended."
                ),
            ),
            columns=COLUMNS,
            latest=picture.periods[-1] if picture.periods else "",
            rows=_rows(picture),
            indices=[
                {"title": _name(group), "readings": _readings(picture, group)}
                for group in picture.groups
                if len(group) <= DRAWN and len(picture.index[group]) > 1
            ],
            asks=asks,
            ask_bars=_bars(asks),
            currency=DEFAULT_CURRENCY,
            rule={"deals": DEALS, "sellers": SELLERS, "buyers": BUYERS},
            **kwargs,
        )


def _rows(picture: Picture) -> list[dict[str, Any]]:
    """Return the groups of the latest quarter, figures or the reason why there are none."""
    if not picture.periods:
        return []
    latest = picture.periods[-1]
    rows = []
    for group in picture.groups:
        cell, points = picture.cells[group, latest], picture.index[group]
        current = points[-1] if points and points[-1].period == latest else None
        rows.append(
            {
                "name": _name(group),
                "depth": len(group),
                "cell": cell,
                "why_not": SHOWINGS.get(cell.showing, ""),
                "index": current,
            }
        )
    return rows


def _readings(picture: Picture, group: Group) -> list[Reading]:
    return [
        Reading(label=point.period, value=point.value, low=point.low, high=point.high)
        for point in picture.index[group]
    ]


def _bars(asks: Dispersion) -> list[Bar]:
    return [
        Bar(label=_("below the band"), value=asks.below),
        Bar(label=_("within the band"), value=asks.within, marked=True),
        Bar(label=_("above the band"), value=asks.above),
    ]


def _name(group: Group) -> str:
    """Name a group in words, its industry before its type."""
    if not group:
        return _("All trades")
    industry = str(dict(Industry.choices).get(group[0], "")) or _("no industry stated")
    if len(group) == 1:
        return industry
    return str(dict(ProductType.choices).get(group[1], group[1]))


urlpatterns = [path("prices/", MarketPicture.as_view(), name="market_picture")]
