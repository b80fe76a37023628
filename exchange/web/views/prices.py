"""The self-set price, and the appraisal beside it (自定+评估)."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import Invalid, NotAllowed
from exchange.catalog import rules, services
from exchange.catalog.states import ProductState
from exchange.registry.states import Origin
from exchange.web.charts import Leg
from exchange.web.components import Column, Head, Link
from exchange.web.forms.prices import (
    TIER_FIELDS,
    AppraisalForm,
    price_form,
    said_before,
    terms_of,
    tier_pairs,
)
from exchange.web.pages import Page
from exchange.web.timelines import moments_for
from pricing.facts import Circulation
from pricing.models import Appraisal
from pricing.queries import current_appraisal, current_plan, get_appraisal_for
from pricing.states import PlanKind
from pricing.verification import faults_of_appraisal
from pricing.waterfall import waterfall
from pricing.wording import (
    COEFFICIENTS,
    FORMULAE,
    INDEPENDENCE_OF_ASSESSOR,
    INDEPENDENCE_OF_PLATFORM,
    METHODS,
    SOURCES,
    band_text,
    remark_text,
)

from .owned import ProductForm, stand_in, stand_with_the_watch

ON_MARKET = (ProductState.LISTED, ProductState.SUSPENDED)


class SetPrice(ProductForm):
    """Set the price; the kind is chosen first, by the address."""

    template_name = "provider/price.html"
    title = gettext_lazy("Self-set price")
    lead = gettext_lazy(
        "You set the price yourself; the exchange shows the signed appraisal beside it "
        "(《上海市数据条例》第五十七条)."
    )
    verb = gettext_lazy("Set the price")
    done = gettext_lazy("The price is in force for new orders.")

    def why_not(self) -> str | None:
        return rules.why_not_upload(self.actor, self.product)

    @property
    def kind(self) -> PlanKind:
        """The kind chosen, or that of the price in force."""
        wanted = self.request.GET.get("kind", "")
        if wanted in PlanKind.values:
            return PlanKind(wanted)
        plan = current_plan(self.product.reference)
        return PlanKind(plan.kind) if plan else PlanKind.ONE_OFF

    def get_form(self) -> forms.Form:
        rights = self.product.rights
        form = price_form(
            self.kind,
            public=bool(rights) and rights.origin == Origin.PUBLIC if rights else False,
            on_market=self.product.status in ON_MARKET,
        )
        if self.request.method == "POST":
            return form(self.request.POST)
        plan = current_plan(self.product.reference)
        return form(initial=said_before(plan) if plan and plan.kind == self.kind else {})

    def act(self, form: forms.Form) -> str:
        try:
            services.price_product(
                product=self.product,
                terms=terms_of(self.kind, form.cleaned_data),
                justification=form.cleaned_data.get("justification", ""),
                by=self.actor,
                at=self.now,
            )
        except Invalid as error:
            raise _at_first_tier(error) from None
        return self.back

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        appraisal = current_appraisal(self.product.reference)
        form = kwargs.setdefault("form", self.get_form())
        return super().get_context_data(
            tiers=tier_pairs(form),
            others=[bound for bound in form if bound.name not in TIER_FIELDS],
            kinds=[
                {"label": kind.label, "url": f"?kind={kind}", "here": kind == self.kind}
                for kind in PlanKind
            ],
            is_requested=self.product.status == ProductState.REQUESTED,
            appraisal=appraisal,
            **kwargs,
        )


def _at_first_tier(error: Invalid) -> Invalid:
    """Show what is wrong with the tiers at the first of them."""
    fields = {("unit_price_1" if k == "tiers" else k): v for k, v in error.fields.items()}
    return Invalid(fields)


class OrderAppraisal(ProductForm):
    """Order the platform's appraisal of the current release."""

    form_class = AppraisalForm
    template_name = "provider/appraise.html"
    title = gettext_lazy("Order the appraisal")
    lead = gettext_lazy(
        "Rows, completeness, age and grade are taken from the cleared release. Your costs stay "
        "between you, the appraiser and the supervisors; buyers see the band only."
    )
    verb = gettext_lazy("Work out the band and sign it")
    done = gettext_lazy("The appraisal is signed.")

    def why_not(self) -> str | None:
        return rules.why_not_order_appraisal(self.actor, self.product) or rules.why_not_cleared(
            self.product.current
        )

    def act(self, form: forms.Form) -> str:
        if not isinstance(form, AppraisalForm):
            raise TypeError
        try:
            made = services.appraise_product(
                product=self.product,
                costs=form.costs,
                income=form.income,
                expected_buyers=form.cleaned_data["expected_buyers"],
                circulation=Circulation(form.cleaned_data["circulation"]),
                by=self.actor,
                at=self.now,
            )
        except Invalid as error:
            raise _at_costs(error) from None
        return reverse("appraisal", args=[made.reference])


def _at_costs(error: Invalid) -> Invalid:
    """Name the fields of this form that the faults of an appraisal's inputs are about."""
    named: dict[str, list[str]] = {}
    for name, texts in error.fields.items():
        group, _sep, field = name.partition(".")
        own = {"costs": f"cost_{field}", "facts": field, "income": field}.get(group, name)
        named[own] = [str(text) for text in texts]
    return Invalid(named)


class AppraisalReport(Page):
    """The report of one appraisal, for its provider, its appraiser and the supervisors."""

    member = True
    look = "appraisal"
    template_name = "provider/appraisal.html"
    appraisal: Appraisal

    def load(self, **kwargs: Any) -> None:
        if not self.actor.organization:
            raise NotAllowed(_("You do not act for an organization yet."))
        self.appraisal = get_appraisal_for(self.actor, kwargs["reference"])
        if self.appraisal.owner == self.actor.organization:
            stand_in(self.request, "provider_products")
        else:
            stand_with_the_watch(self.request, self.actor)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        appraisal = self.appraisal
        result = appraisal.result
        product = reverse("product", args=[appraisal.asset])
        if appraisal.owner == self.actor.organization:
            product = reverse("provider_product", args=[appraisal.asset])
        platform = appraisal.appraiser.startswith("system")
        return super().get_context_data(
            head=Head(
                title=_("Appraisal report"),
                kind=appraisal.get_purpose_display(),
                reference=appraisal.reference,
                status=appraisal.status,
                status_label=appraisal.get_status_display(),
                since=appraisal.signed_at,
                crumbs=[Link(label=appraisal.asset, url=product)],
            ),
            appraisal=appraisal,
            product_url=product,
            faults=faults_of_appraisal(appraisal),
            words=band_text(result),
            independence=INDEPENDENCE_OF_PLATFORM if platform else INDEPENDENCE_OF_ASSESSOR,
            methods=[_method(estimate) for estimate in result["estimates"]],
            left_out=[
                {"label": METHODS[row["method"]], "why": remark_text(row["remark"])}
                for row in result["not_applicable"]
            ],
            coefficient_heads=COEFFICIENT_HEADS,
            here=self.request.build_absolute_uri(),
            moments=moments_for(self.actor, "appraisal", appraisal.reference),
            **kwargs,
        )


COEFFICIENT_HEADS = (
    Column(label=gettext_lazy("Coefficient")),
    Column(label=gettext_lazy("Value"), number=True),
    Column(
        label=gettext_lazy("May lie between"),
        meaning=gettext_lazy("The ends within which the true value is taken to lie"),
        number=True,
    ),
    Column(label=gettext_lazy("Permitted"), number=True),
    Column(label=gettext_lazy("Source")),
)


def _method(estimate: dict[str, Any]) -> dict[str, Any]:
    bars = waterfall(estimate)
    return {
        "label": METHODS[estimate["method"]],
        "formula": FORMULAE[estimate["method"]],
        "value": estimate["value"].partition(" ")[0],
        "steps": bars,
        "legs": [
            *(Leg(label=bar.label, amount=bar.effect) for bar in bars),
            Leg(label=_("value"), amount=bars[-1].after if bars else Decimal(0), total=True),
        ],
        "coefficients": [
            {
                **{name: _trimmed(text) for name, text in row.items()},
                "label": COEFFICIENTS.get(row["code"], row["code"]),
                "source_label": SOURCES.get(row["source"], row["source"]),
            }
            for row in estimate["coefficients"]
        ],
        "remarks": [remark_text(remark) for remark in estimate["remarks"]],
    }


def _trimmed(value: object) -> object:
    """Write a figure with four places at most, without the zeros it is stored with."""
    try:
        figure = Decimal(str(value))
    except InvalidOperation:
        return value
    text = f"{figure:,.4f}"
    return text.rstrip("0").rstrip(".")


PLACE = "provider/products/<str:reference>"
urlpatterns = [
    path(f"{PLACE}/price/", SetPrice.as_view(), name="provider_price"),
    path(f"{PLACE}/appraisal/", OrderAppraisal.as_view(), name="provider_appraise"),
    path("appraisals/<str:reference>/", AppraisalReport.as_view(), name="appraisal"),
]
