"""Automatic prices before the regulator: every step, freezes, ceilings, and equal treatment."""

from collections.abc import Mapping
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.disclosure.queries import current_disclosure
from exchange.catalog.queries import get_product_for
from exchange.trading import services
from exchange.trading.treatment import concluded_impacts
from exchange.trading.treatment_words import DIMENSIONS, GROUPS, MEASURES
from exchange.web.components import Column, Head
from exchange.web.forms.adjusting import (
    CeilingForm,
    LiftForm,
    MarketFreezeForm,
    ProductFreezeForm,
)
from exchange.web.paging import paginate
from pricing.adjustment import queries
from pricing.adjustment.models import PriceCeiling, PriceFreeze
from pricing.adjustment.rules import why_not_supervise_prices
from pricing.adjustment.services import ALGORITHM, lift_ceiling, lift_freeze
from pricing.adjustment.states import OrderedState
from pricing.adjustment.wording import change_text, explain, triggers_text
from pricing.money import Money
from pricing.queries import current_plan

from .desk import Decision, Desk

STEP_COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Step")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Change"), number=True),
    Column(label=gettext_lazy("Why")),
    Column(label=gettext_lazy("Worked out")),
)
ORDER_COLUMNS = (
    Column(label=gettext_lazy("Reference")),
    Column(label=gettext_lazy("Scope")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Reason")),
    Column(label=gettext_lazy("Since")),
)
IMPACT_COLUMNS = (
    Column(label=gettext_lazy("Measure")),
    Column(label=gettext_lazy("Buyers by")),
    Column(label=gettext_lazy("Group")),
    Column(label=gettext_lazy("Cases"), number=True),
    Column(label=gettext_lazy("Share"), number=True),
    Column(
        label=gettext_lazy("Impact ratio"),
        meaning=gettext_lazy("Share of the group over the share of the best group"),
        number=True,
    ),
)


class PriceWatch(Desk):
    """What prices do by themselves, and the switches that stop them."""

    roles = ("REGULATOR",)
    look = "price_steps"
    template_name = "regulator/prices.html"

    @property
    def here(self) -> str:
        """This page."""
        return reverse("regulator_prices")

    def decisions(self) -> list[Decision]:
        may = why_not_supervise_prices(self.actor)
        acts = [
            Decision(
                name="freeze",
                title=_("Freeze an industry or the market"),
                note=_("Nothing moves by itself until you lift it; what is announced lapses."),
                verb=_("Freeze"),
                form_class=MarketFreezeForm,
                call=lambda said: services.freeze_market(
                    industry=said["industry"], reason=said["reason"], by=self.actor, at=self.now
                ),
                done=_("The prices are frozen."),
                onward=self.here,
                reason=may,
                danger=True,
                folded=True,
            ),
            Decision(
                name="freeze_product",
                title=_("Freeze one product"),
                verb=_("Freeze"),
                form_class=ProductFreezeForm,
                call=self._freeze_product,
                done=_("The price is frozen."),
                onward=self.here,
                reason=may,
                danger=True,
                folded=True,
            ),
            Decision(
                name="ceiling",
                title=_("Order a ceiling"),
                note=_("A price above it comes down at once; no price rises above it by hand."),
                verb=_("Order the ceiling"),
                form_class=CeilingForm,
                call=self._order_ceiling,
                done=_("The ceiling is ordered."),
                onward=self.here,
                reason=may,
                danger=True,
                folded=True,
            ),
        ]
        return acts + [self._lift(each, may) for each in self._standing()]

    def _standing(self) -> list[PriceFreeze | PriceCeiling]:
        freezes = PriceFreeze.objects.filter(status=OrderedState.IN_FORCE, authority="REGULATOR")
        ceilings = PriceCeiling.objects.filter(status=OrderedState.IN_FORCE)
        return [*freezes[:50], *ceilings[:50]]

    def _lift(self, order: PriceFreeze | PriceCeiling, may: str | None) -> Decision:
        def lift(said: Mapping[str, Any]) -> object:
            if isinstance(order, PriceFreeze):
                return lift_freeze(freeze=order, reason=said["reason"], by=self.actor, at=self.now)
            return lift_ceiling(ceiling=order, reason=said["reason"], by=self.actor, at=self.now)

        return Decision(
            name=f"lift-{order.reference}",
            title=_("Lift %(reference)s") % {"reference": order.reference},
            note=order.reason,
            verb=_("Lift"),
            form_class=LiftForm,
            call=lift,
            done=_("It is lifted."),
            onward=self.here,
            reason=may,
            folded=True,
            initial={"reference": order.reference},
        )

    def _freeze_product(self, said: Mapping[str, Any]) -> object:
        product = get_product_for(self.actor, said["product"])
        return services.freeze_product(
            product=product, reason=said["reason"], by=self.actor, at=self.now
        )

    def _order_ceiling(self, said: Mapping[str, Any]) -> object:
        product = get_product_for(self.actor, said["product"])
        plan = current_plan(product.reference)
        currency = plan.currency if plan else Money.zero().currency
        return services.order_ceiling(
            product=product,
            amount=Money(said["amount"], currency),
            basis=said["basis"],
            reason=said["reason"],
            by=self.actor,
            at=self.now,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = paginate(
            queries.steps_visible_to(self.actor),
            self.request.GET,
            order=("-proposed_at", "-pk"),
        )
        impacts = concluded_impacts(at=self.now)
        return super().get_context_data(
            head=Head(
                title=_("Automatic prices"),
                kind=_("Regulator"),
                summary=_(
                    "Every step a price took by itself, what stops them, and whether buyers are "
                    "treated alike."
                ),
                actions=self.way(),
            ),
            page=page,
            steps=[
                {
                    "step": step,
                    "change": change_text(step),
                    "triggers": triggers_text(step.triggers.split(",")),
                    "why": explain(step),
                }
                for step in page
            ],
            step_columns=STEP_COLUMNS,
            freezes=list(queries.freezes_visible_to(self.actor)[:50]),
            ceilings=list(PriceCeiling.objects.all()[:50]),
            order_columns=ORDER_COLUMNS,
            impacts=[
                {
                    "row": row,
                    "measure": MEASURES[row.measure],
                    "dimension": DIMENSIONS[row.dimension],
                    "group": GROUPS.get(row.group, row.group),
                }
                for row in impacts
            ],
            adverse=sum(not row.fair for row in impacts),
            impact_columns=IMPACT_COLUMNS,
            disclosure=current_disclosure(ALGORITHM),
            **kwargs,
        )


urlpatterns = [path("regulator/prices/", PriceWatch.as_view(), name="regulator_prices")]
