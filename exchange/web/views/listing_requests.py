"""Listing requests: everything a listing is judged by on one page, and the operator's decision."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from exchange.catalog import queries, rules, services
from exchange.catalog.models import Product
from exchange.catalog.rules import ListingFacts, listing_conditions
from exchange.catalog.services import listing_facts
from exchange.catalog.states import ProductState
from exchange.compliance.queries import latest_screening
from exchange.registry.queries import RIGHT_NAMES
from exchange.web.charts import Leg
from exchange.web.components import Column, Head, Link
from exchange.web.forms.decisions import NoteForm
from exchange.web.forms.reasons import ReasonForm
from exchange.web.pages import Page
from exchange.web.timelines import moments_for
from pricing.models import Appraisal
from pricing.verification import faults_of_appraisal
from pricing.waterfall import waterfall
from pricing.wording import FORMULAE, METHODS

from .desk import Decision, Desk
from .findings import findings_of

REQUEST_COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Reference")),
    Column(label=gettext_lazy("Price against the band")),
    Column(label=gettext_lazy("Level"), meaning="GB/T 43697-2024", number=True),
    Column(label=gettext_lazy("Requested")),
)
LISTED_COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Reference")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Price against the band")),
    Column(label=pgettext_lazy("state", "Since")),
)
CONDITION_COLUMNS = (
    Column(label=gettext_lazy("A listing needs")),
    Column(label=gettext_lazy("Met")),
    Column(label=gettext_lazy("What is missing")),
)
SHOWN = 50


class ListingRequests(Page):
    """Requests that wait, the oldest first, and what was decided last."""

    roles = ("OPERATOR",)
    template_name = "operator/listings.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        seen = queries.for_lists(queries.products_visible_to(self.actor))
        decided = seen.filter(listed_at__isnull=False).order_by("-status_since", "-pk")
        head = Head(
            title=_("Listing requests"),
            kind=_("Operator"),
            summary=_("What is not compliant is not listed (不合规不挂牌)."),
        )
        return super().get_context_data(
            head=head,
            waiting=list(queries.list_requests(self.actor)[:200]),
            decided=list(decided[:SHOWN]),
            request_columns=REQUEST_COLUMNS,
            listed_columns=LISTED_COLUMNS,
            **kwargs,
        )


class ListingRequest(Desk):
    """One product before the operator: conditions, price, rights, screening; list or return."""

    roles = ("OPERATOR",)
    template_name = "operator/listing.html"
    product: Product
    facts: ListingFacts

    def load(self, **kwargs: Any) -> None:
        self.product = queries.get_product_for(self.actor, kwargs["reference"])
        self.facts = listing_facts(self.product, at=self.now)

    @property
    def here(self) -> str:
        """This page."""
        return reverse("operator_listing", args=[self.product.reference])

    def decisions(self) -> list[Decision]:
        match self.product.status:
            case ProductState.REQUESTED:
                return [self._list(), self._return()]
            case ProductState.LISTED:
                return [self._stop("suspend"), self._stop("delist")]
            case ProductState.SUSPENDED:
                return [self._resume(), self._stop("delist")]
        return []

    def _list(self) -> Decision:
        # a note is typed in the form, so its absence is no reason yet to close the form
        reason = rules.why_not_list(self.actor, self.facts)
        return Decision(
            name="list",
            title=_("List"),
            note=_("Exactly this version, release and price go on the market."),
            verb=_("List the product"),
            form_class=NoteForm,
            call=self._list_product,
            done=_("The product is listed."),
            onward=self.here,
            reason=reason,
            initial={"version": self.product.version},
        )

    def _list_product(self, said: Mapping[str, Any]) -> None:
        services.list_product(
            product=self.product,
            note=said["note"],
            expected_version=said["version"],
            by=self.actor,
            at=self.now,
        )

    def _return(self) -> Decision:
        return Decision(
            name="return",
            title=_("Return to the provider"),
            note=_("Say what is to be mended; the provider reads it and may ask again."),
            verb=_("Return the request"),
            form_class=ReasonForm,
            call=lambda said: services.return_listing(
                product=self.product, reason=said["reason"], by=self.actor, at=self.now
            ),
            done=_("The request went back to its provider."),
            onward=self.here,
            reason=rules.why_not_review(self.actor, self.product),
            danger=True,
        )

    def _stop(self, name: str) -> Decision:
        suspend = name == "suspend"
        service = services.suspend_listing if suspend else services.delist_product
        return Decision(
            name=name,
            title=_("Suspend the listing") if suspend else _("End the listing"),
            note=_("Nobody orders it meanwhile, and accesses under it are refused.")
            if suspend
            else _("It leaves the market; contracts that run are not touched."),
            verb=_("Suspend") if suspend else _("End"),
            form_class=ReasonForm,
            call=lambda said: service(
                product=self.product, reason=said["reason"], by=self.actor, at=self.now
            ),
            done=_("The listing is suspended.") if suspend else _("The listing has ended."),
            onward=self.here,
            reason=rules.why_not_stop(self.actor, self.product),
            danger=True,
            folded=True,
        )

    def _resume(self) -> Decision:
        return Decision(
            name="resume",
            title=_("Let the listing go on"),
            verb=_("Resume"),
            form_class=ReasonForm,
            call=lambda said: services.resume_listing(
                product=self.product, reason=said["reason"], by=self.actor, at=self.now
            ),
            done=_("The listing goes on."),
            onward=self.here,
            reason=rules.why_not_resume(self.actor, self.product, self.now),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        product, facts = self.product, self.facts
        screening = latest_screening(facts.release) if facts.release else None
        conditions = listing_conditions(facts, justification=product.justification)
        return super().get_context_data(
            product=product,
            release=facts.release,
            facts_of=facts,
            head=self._head(),
            conditions=conditions,
            met=sum(condition.is_met for condition in conditions),
            condition_columns=CONDITION_COLUMNS,
            appraisal=facts.appraisal,
            faults=faults_of_appraisal(facts.appraisal) if facts.appraisal else [],
            workings=workings_of(facts.appraisal) if facts.appraisal else [],
            rights=[RIGHT_NAMES[right] for right in product.rights.held] if product.rights else [],
            findings=findings_of(screening) if screening else None,
            moments=moments_for(self.actor, "product", product.reference),
            **kwargs,
        )

    def _head(self) -> Head:
        product = self.product
        return Head(
            title=product.name,
            kind=product.get_product_type_display(),
            reference=product.reference,
            owner=Link(
                label=product.provider.name,
                url=reverse("operator_admission", args=[product.provider.reference]),
            ),
            status=product.status,
            status_label=product.get_status_display(),
            since=product.status_since,
            summary=product.name_en,
            actions=self.way(),
            crumbs=[Link(label=_("Listing requests"), url=reverse("operator_listings"))],
            why=[
                Link(
                    label=_("Page and manual as buyers read them"),
                    url=reverse("product", args=[product.reference]),
                ),
                Link(label=_("Conditions"), url="#conditions"),
                Link(label=_("Price and appraisal"), url="#price"),
                Link(label=_("Screening"), url="#screening"),
                Link(label=_("Grading"), url=reverse("operator_grading", args=[product.reference])),
                Link(label=_("Timeline"), url="#timeline"),
            ],
        )


def workings_of(appraisal: Appraisal) -> list[dict[str, Any]]:
    """Return how each method of an appraisal comes to its value, as legs of a waterfall."""
    shown = []
    for estimate in appraisal.result["estimates"]:
        bars = waterfall(estimate)
        legs = [Leg(label=f"{bar.label} {bar.caption}", amount=bar.effect) for bar in bars]
        value = Decimal(estimate["value"].split()[0])
        total = Leg(label=pgettext("appraisal", "value"), amount=value, total=True)
        shown.append(
            {
                "name": METHODS.get(estimate["method"], estimate["method"]),
                "formula": FORMULAE.get(estimate["method"], ""),
                "legs": [*legs, total],
            }
        )
    return shown


urlpatterns = [
    path("operator/listings/", ListingRequests.as_view(), name="operator_listings"),
    path("operator/listings/<str:reference>/", ListingRequest.as_view(), name="operator_listing"),
]
