"""The self-set price (自定), shown against the appraisal beside it."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import Invalid
from exchange.catalog import rules, services
from exchange.catalog.models import Product
from exchange.catalog.states import ProductState
from exchange.registry.states import Origin
from exchange.web.forms.plans import Surroundings, groups_of, price_form, said_before, terms_of
from exchange.web.price_preview import PricePreview, preview_price
from pricing.queries import current_appraisal, current_plan
from pricing.regimes import regime_of
from pricing.states import PlanKind

from .owned import ProductForm

FIRST_ROW = {
    "tiers": "unit_price_1",
    "packages": "package_price_1",
    "scenarios": "rate_1",
    "companions": "companion",
}
PREVIEW = "preview"
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
    fragment = "provider/price_preview.html"
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

    @property
    def scenarios(self) -> list[str]:
        """The scenarios that the manual permits."""
        return [str(text) for text in self.product.manual.get("scenarios_allowed", [])]

    @property
    def surroundings(self) -> Surroundings:
        """What the form is made for."""
        rights, product = self.product.rights, self.product
        others = Product.objects.filter(provider=product.provider_id, status=ProductState.LISTED)
        return Surroundings(
            public=rights is not None and rights.origin == Origin.PUBLIC,
            on_market=product.status in ON_MARKET,
            scenarios=self.scenarios,
            neighbors=[
                (other.reference, f"{other.name} ({other.reference})")
                for other in others.exclude(pk=product.pk).order_by("name", "pk")
            ],
        )

    def get_form(self) -> forms.Form:
        form = price_form(self.kind, self.surroundings)
        if self.request.method == "POST":
            return form(self.request.POST)
        plan = current_plan(self.product.reference)
        if plan is None or plan.kind != self.kind:
            return form()
        return form(initial=said_before(plan, self.scenarios))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Set the price; the button of the preview only shows what it would mean."""
        if PREVIEW in request.POST:
            form = self.get_form()
            context = self.get_context_data(form=form, preview=self.preview(form))
            return self.render_to_response(context)
        return super().post(request, *args, **kwargs)

    def preview(self, form: forms.Form) -> PricePreview:
        """Judge what the form says as a new price would be judged."""
        if not form.is_valid():
            return PricePreview(faults=[_("Fill in the price to see it against the band.")])
        terms = terms_of(self.kind, form.cleaned_data, self.scenarios)
        return preview_price(self.product, terms, at=self.now)

    def act(self, form: forms.Form) -> str:
        try:
            services.price_product(
                product=self.product,
                terms=terms_of(self.kind, form.cleaned_data, self.scenarios),
                justification=form.cleaned_data.get("justification", ""),
                by=self.actor,
                at=self.now,
            )
        except Invalid as error:
            raise _at_first_row(error) from None
        return self.back

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        appraisal = current_appraisal(self.product.reference)
        form = kwargs.setdefault("form", self.get_form())
        groups, others = groups_of(form)
        rights = self.product.rights
        return super().get_context_data(
            groups=groups,
            others=others,
            regime=regime_of(rights.origin, self.kind).label if rights else "",
            preview=kwargs.pop("preview", None),
            kinds=[
                {"label": kind.label, "url": f"?kind={kind}", "here": kind == self.kind}
                for kind in PlanKind
            ],
            is_requested=self.product.status == ProductState.REQUESTED,
            appraisal=appraisal,
            **kwargs,
        )


def _at_first_row(error: Invalid) -> Invalid:
    """Show what is wrong with tiers, packages or scenarios at the first of them."""
    return Invalid({FIRST_ROW.get(name, name): texts for name, texts in error.fields.items()})


PLACE = "provider/products/<str:reference>"
urlpatterns = [
    path(f"{PLACE}/price/", SetPrice.as_view(), name="provider_price"),
]
