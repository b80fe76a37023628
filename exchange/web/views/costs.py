"""The cost ledger of a product in the provider's console."""

from typing import Any

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.catalog import services
from exchange.catalog.costs import Ledger, item_of, ledger_of
from exchange.web.components import Column
from exchange.web.forms.costs import CostForm
from exchange.web.forms.reasons import ReasonForm
from pricing.cost_rules import why_not_keep_costs
from pricing.models import CostItem
from pricing.wording import STEPS

from .owned import ProductForm

ITEM_COLUMNS = (
    Column(label=gettext_lazy("Entry")),
    Column(label=gettext_lazy("Kind of cost")),
    Column(label=gettext_lazy("Period")),
    Column(label=gettext_lazy("Amount"), number=True),
    Column(label=gettext_lazy("A joint cost is divided")),
    Column(label=gettext_lazy("Falls to this product"), number=True),
    Column(label=gettext_lazy("Borne by")),
    Column(label=gettext_lazy("Reversal")),
)


class CostLedger(ProductForm):
    """Every entry, and the form of the next one."""

    form_class = CostForm
    template_name = "provider/costs.html"
    title = gettext_lazy("Cost ledger")
    verb = gettext_lazy("Enter the cost")
    done = gettext_lazy("The cost is entered.")
    lead = gettext_lazy(
        "Entries are never changed, only reversed by another. The cost methods of an appraisal "
        "take their figures from here and name each entry; so do weights by cost, where several "
        "organizations share the proceeds (财会〔2023〕11号)."
    )

    def act(self, form: forms.Form) -> str:
        if not isinstance(form, CostForm):
            raise TypeError
        services.record_product_cost(
            product=self.product, by=self.actor, at=self.now, **form.entry()
        )
        return reverse("provider_costs", args=[self.product.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ledger: Ledger = ledger_of(self.product, by=self.actor)
        refusal = why_not_keep_costs(self.actor, self.product.provider.reference)
        return super().get_context_data(
            ledger=ledger,
            rows=[_row(item) for item in ledger.items],
            item_columns=ITEM_COLUMNS,
            may_not=refusal,
            **kwargs,
        )


class ReverseCost(ProductForm):
    """Take one entry back."""

    form_class = ReasonForm
    title = gettext_lazy("Take the entry back")
    verb = gettext_lazy("Reverse it")
    danger = True
    item: CostItem

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        self.item = item_of(self.product, kwargs["item"], by=self.actor)

    def why_not(self) -> str | None:
        return why_not_keep_costs(self.actor, self.product.provider.reference)

    @property
    def back(self) -> str:
        """The ledger."""
        return reverse("provider_costs", args=[self.product.reference])

    def act(self, form: forms.Form) -> str:
        services.reverse_product_cost(
            product=self.product,
            item=self.item,
            reason=form.cleaned_data["reason"],
            by=self.actor,
            at=self.now,
        )
        return self.back

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = _("%(title)s, %(amount)s: another entry of the opposite amount is made; both stay.")
        told = {"title": self.item.title, "amount": self.item.attributed.formatted()}
        return super().get_context_data(lead=words % told, **kwargs)


def _row(item: CostItem) -> dict[str, Any]:
    return {
        "item": item,
        "kind": STEPS[item.kind],
        "by": getattr(item, "reversed_by", None),
    }


PLACE = "provider/products/<str:reference>/costs"
urlpatterns = [
    path(f"{PLACE}/", CostLedger.as_view(), name="provider_costs"),
    path(f"{PLACE}/<str:item>/reverse/", ReverseCost.as_view(), name="provider_cost_reverse"),
]
