"""How a price moved and will move, for the pages that show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.catalog.models import Product
from exchange.trading.price_history import Moment, Preview, price_history
from exchange.web.charts import Flight, Stair
from exchange.web.components import Column
from pricing.adjustment.models import PriceStep
from pricing.adjustment.wording import change_text, explain, triggers_text
from pricing.money import Money

COLUMNS: Final = (
    Column(label=gettext_lazy("From")),
    Column(label=gettext_lazy("One license"), number=True),
    Column(label=gettext_lazy("Why")),
)


@dataclass(frozen=True, kw_only=True)
class Move:
    """One row of a price history, in words."""

    at: datetime
    ask: Money
    coming: bool
    why: Sequence[str]
    step: PriceStep | None


@dataclass(frozen=True, kw_only=True)
class Story:
    """A product's price over time: chart and rows, the newest first."""

    flights: Sequence[Flight]
    moves: Sequence[Move]
    until: datetime
    announced: PriceStep | None

    @property
    def is_told(self) -> bool:
        """Whether there is more to tell than the present price."""
        return len(self.moves) > 1


def story_of(product: Product, *, at: datetime) -> Story:
    """Return what a product's price was and will be, and why."""
    moments = price_history(product)
    moves = [
        Move(
            at=moment.at,
            ask=moment.ask,
            coming=moment.is_announced,
            why=explain(moment.step) if moment.step else [_("Set by the provider.")],
            step=moment.step,
        )
        for moment in moments
    ]
    announced = next((moment.step for moment in moments if moment.is_announced), None)
    return Story(
        flights=[Flight(stairs=[_stair(moment) for moment in moments])],
        moves=moves[::-1],
        until=timezone.localtime(at),
        announced=announced,
    )


def flights_of_preview(found: Preview) -> list[Flight]:
    """Return the price that would have followed, beside the one that stood."""
    stood = Stair(
        at=timezone.localtime(found.since),
        value=found.start,
        label=_("as it is: %(price)s") % {"price": f"{found.start:,.2f}"},
    )
    followed = [
        Stair(
            at=timezone.localtime(step.at),
            value=step.after,
            label=f"{timezone.localtime(step.at):%Y-%m-%d}: {step.after:,.2f} ("
            + triggers_text([signal.trigger.value for signal in step.working.fired])
            + ")",
        )
        for step in found.steps
    ]
    return [
        Flight(stairs=[stood], beside=True),
        Flight(stairs=[stood, *followed]),
    ]


def _stair(moment: Moment) -> Stair:
    at = timezone.localtime(moment.at)
    label = f"{at:%Y-%m-%d}: {moment.ask.formatted()}"
    if moment.step is not None:
        triggers = triggers_text(moment.step.triggers.split(","))
        label += f" ({change_text(moment.step)}, {triggers})"
    return Stair(at=at, value=moment.ask.amount, label=label, coming=moment.is_announced)
