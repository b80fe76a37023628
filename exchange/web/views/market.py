"""The public market: search, and the page of one product."""

from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _

from audit.log.errors import Conflict, Invalid
from exchange.catalog import queries
from exchange.catalog.chapters.definition import Chapter, ManualField
from exchange.catalog.manual import manual_chapters, manual_of
from exchange.catalog.models import Product, Release
from exchange.catalog.quality import latest_report
from exchange.catalog.search import FACETS, FILTERS, facets
from exchange.catalog.services.ordering import is_ranked, note_ranking
from exchange.compliance.accesses import why_not_shown
from exchange.compliance.papers import disclosure_of
from exchange.compliance.queries import derivation_of
from exchange.compliance.states import PersonalClass
from exchange.registry.fields import Kind
from exchange.registry.queries import RIGHT_NAMES
from exchange.trading.queries import disclosures_concerning
from exchange.trading.rules import why_not_order
from exchange.web.components import Action, Head, Link
from exchange.web.concerned import concerned
from exchange.web.pages import Page
from exchange.web.price_moves import story_of
from exchange.web.profiles import COLUMN_HEADS, columns_of, sample_of
from exchange.web.provenance import steps_in_words
from exchange.web.quality import report_context
from pricing.queries import (
    current_appraisal,
    current_appraisals,
    current_plan,
    current_plans,
)
from pricing.quotes import reference_quantity
from pricing.rules import asking_price
from pricing.states import PlanKind
from pricing.verification import is_authentic
from pricing.wording import METHODS

SIZE = 20
MOST_SHOWN = 12  # values of one facet


class Market(Page):
    """What is listed, found by words and narrowed by facets."""

    public = True
    template_name = "market/search.html"
    fragment = "market/results.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        params = self.request.GET
        text = params.get("q", "").strip()
        chosen = {name: params.getlist(name) for name in FILTERS if params.get(name)}
        problem = ""
        try:
            rows = queries.search_products(
                self.actor, text=text, filters=chosen, order=params.get("order", "")
            )
            start = _start(params.get("from", "0"))
            found = list(rows[start : start + SIZE + 1])
            found, ranking, note = self._ranked(text, chosen, found, start)
            narrowed = facets(rows)
        except Invalid as error:
            problem, start, found, narrowed = str(error), 0, [], {}
            ranking, note = "", ""
        products = found[:SIZE]
        context = super().get_context_data(**kwargs)
        return context | {
            "text": text,
            "order": params.get("order", ""),
            "problem": problem,
            "ranking": ranking,
            "note": note,
            "offers": _offers(products),
            "facets": [
                {
                    "name": name,
                    "label": FILTERS[name].label,
                    "chosen": chosen.get(name, []),
                    "values": narrowed.get(name, [])[:MOST_SHOWN],
                }
                for name in FACETS
                if narrowed.get(name) or chosen.get(name)
            ],
            "any_filter": bool(chosen or text),
            "begin": start + 1 if products else 0,
            "end": start + len(products),
            "previous": max(0, start - SIZE) if start else None,
            "next": start + SIZE if len(found) > SIZE else None,
            "market_url": reverse("market"),
        }

    def _ranked(
        self, text: str, chosen: dict[str, list[str]], found: list[Product], start: int
    ) -> tuple[list[Product], str, str]:
        """Return what is shown, the decision that ordered it, and why it is ordered otherwise."""
        order = self.request.GET.get("order", "")
        if not is_ranked(text, chosen, order):
            return found, "", ""
        try:
            decision = note_ranking(
                text=text,
                filters=chosen,
                shown=found[:SIZE],
                visitor=str(self.request.META.get("REMOTE_ADDR", "")),
                by=self.actor,
                at=self.now,
            )
        except Conflict as refusal:
            rows = queries.search_products(self.actor, text=text, filters=chosen, order="newest")
            return list(rows[start : start + SIZE + 1]), "", str(refusal)
        return found, decision.reference if decision else "", ""


def _start(text: str) -> int:
    """Return where the page of results begins; anything odd begins at the first."""
    return int(text) if text.isdecimal() and len(text) < 6 else 0  # noqa: PLR2004


def _offers(products: list[Product]) -> list[dict[str, Any]]:
    references = [product.reference for product in products]
    plans, appraisals = current_plans(references), current_appraisals(references)
    return [
        {
            "product": product,
            "plan": plans.get(product.reference),
            "ask": _ask(product, plans.get(product.reference)),
            "bundle_of": _bundle(product, plans.get(product.reference)),
            "appraisal": appraisals.get(product.reference),
        }
        for product in products
    ]


def _ask(product: Product, plan: Any) -> Any:
    """Return what one license asks, the figure that the band is compared with."""
    if plan is None or product.current is None:
        return None
    ask = asking_price(plan, rows=product.current.rows, size=product.current.size)
    return ask.quantized()


def _bundle(product: Product, plan: Any) -> int:
    """Return how many calls or finds the figure beside the band is for; 0 where it is no count."""
    if plan is None or product.current is None:
        return 0
    counted = plan.kind in {PlanKind.PER_CALL, PlanKind.PER_HIT}
    return reference_quantity(plan.terms, rows=product.current.rows, size=0) if counted else 0


class ProductPage(Page):
    """One product: what it is, what it is worth, whose it is, what is in it, how to buy it."""

    public = True
    look = "product"
    template_name = "market/product.html"
    product: Product

    def load(self, **kwargs: Any) -> None:
        self.product = queries.get_product_for(self.actor, kwargs["reference"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        product = self.product
        release = product.current
        plan = current_plan(product.reference)
        appraisal = current_appraisal(product.reference)
        withheld = self._withheld(release) if release else None
        derivation = derivation_of(release) if release else None
        training = queries.training_of(product) if product.is_model else None
        context = super().get_context_data(**kwargs)
        return context | {
            "product": product,
            "release": release,
            "head": self._head(),
            "plan": plan,
            "ask": _ask(product, plan),
            "is_metered": bool(plan) and PlanKind(plan.kind).is_metered if plan else False,
            "bundle_of": _bundle(product, plan),
            "appraisal": appraisal,
            "methods": [METHODS[code] for code in appraisal.methods.split(",")]
            if appraisal
            else [],
            "reviews": queries.decided_reviews(product)[:3],
            "authentic": bool(appraisal) and is_authentic(appraisal) if appraisal else False,
            "chapters": _manual(product),
            "rights": [RIGHT_NAMES[right] for right in product.rights.held]
            if product.rights
            else [],
            "columns": columns_of(
                release.profile,
                masked=release.column_names if withheld else release.sample.get("masked", ()),
            )
            if release
            else [],
            "sample": sample_of(release.sample) if release and not withheld else None,
            "withheld": withheld,
            **report_context(latest_report(release)),
            "derivation": derivation,
            "training": training,
            "own_disclosure": disclosure_of(product, training),
            "derived_steps": steps_in_words(derivation.recipe["steps"]) if derivation else [],
            "story": story_of(product, at=self.now),
            "personal": PersonalClass(release.personal).label
            if release and release.personal
            else "",
            "column_heads": COLUMN_HEADS,
            "algorithms": concerned(disclosures_concerning(product)),
        }

    def _withheld(self, release: Release) -> str | None:
        """Return why no row of the release is shown where this is read from."""
        place = str(self.request.access_place)  # type: ignore[attr-defined]
        return why_not_shown(release, place=place, at=self.now)

    def _head(self) -> Head:
        product = self.product
        order = reverse("order_new", args=[product.reference])
        ask = reverse("inquiry_new", args=[product.reference])
        reason = _("Sign in for an admitted buyer.")
        if self.actor.has_role("BUYER"):
            reason = why_not_order(self.actor, product) or ""
        actions = [
            Action(label=_("Order"), url=order, post=False, main=True, reason=reason),
            Action(label=_("Ask the provider"), url=ask, post=False, reason=reason),
        ]
        plan = current_plan(product.reference)
        if plan is not None and plan.negotiable:
            offer = reverse("negotiation_new", args=[product.reference])
            actions.append(Action(label=_("Offer a price"), url=offer, post=False, reason=reason))
        return Head(
            title=product.name,
            kind=product.get_product_type_display(),
            reference=product.reference,
            owner=Link(
                label=product.provider.name,
                url=f"{reverse('market')}?provider={product.provider.reference}",
            ),
            status=product.status,
            status_label=product.get_status_display(),
            since=product.status_since,
            summary=product.name_en,
            actions=actions,
            crumbs=[Link(label=_("Market"), url=reverse("market"))],
            why=[
                Link(label=_("Appraisal"), url="#appraisal"),
                Link(label=_("Rights and source"), url="#rights"),
                Link(label=_("Screening"), url="#screening"),
            ],
        )


def _manual(product: Product) -> list[tuple[str, list[tuple[ManualField, object]]]]:
    """Return the manual by chapters, with the words of choices, without what is empty."""
    values = manual_of(product)
    shown = []
    for chapter, fields in manual_chapters(product.product_type):
        rows = [
            (field, _worded(field, values[field.name]))
            for field in fields
            if values[field.name] not in (field.empty, None) and field.kind != Kind.ROWS
        ]
        if rows and chapter != Chapter.CONTACT:
            shown.append((str(chapter.label), rows))
    return shown


def _worded(field: ManualField, value: object) -> object:
    if field.choices and isinstance(value, list):
        return "; ".join(str(field.choices(item).label) for item in value)
    if field.choices:
        return field.choices(str(value)).label
    if isinstance(value, list):
        return "; ".join(str(item) for item in value)
    return value


urlpatterns = [
    path("market/", Market.as_view(), name="market"),
    path("market/<str:reference>/", ProductPage.as_view(), name="product"),
]
