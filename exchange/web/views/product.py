"""One product in its provider's console: the way to the market, step by step."""

from dataclasses import dataclass
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _

from exchange.appraisers.rules import why_not_engage
from exchange.catalog import rules
from exchange.catalog.manual import missing_to_list
from exchange.catalog.models import Product
from exchange.catalog.queries import list_releases, training_of
from exchange.catalog.rules import Condition, ListingFacts
from exchange.catalog.services import listing_facts
from exchange.catalog.states import PRODUCT, ProductState
from exchange.compliance.gradings import due_regrades
from exchange.settlement.rules import why_not_propose_share
from exchange.web.calling import USAGE_COLUMNS, usage_of
from exchange.web.components import Action, Column, Head, Link
from exchange.web.evidence import evidence_action
from exchange.web.navigation import address
from exchange.web.timelines import moments_for
from pricing.rules import asking_price
from pricing.wording import deviation_text

from .owned import OfProduct, product_crumbs

ON_MARKET = (ProductState.LISTED, ProductState.SUSPENDED)


@dataclass(frozen=True, kw_only=True)
class StepOnTheWay:
    """One thing a listing needs: what is there, what is missing, and the way to it."""

    condition: Condition
    have: str
    url: str
    act: str
    refusal: str | None = None

    @property
    def tone(self) -> str:
        """How the step is marked."""
        return "good" if self.condition.is_met else "wait"


class ProviderProduct(OfProduct):
    """What the product is, what it still needs for the market, and what was done with it."""

    template_name = "provider/product.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        product = self.product
        facts = listing_facts(product, at=self.now)
        conditions = rules.listing_conditions(facts, justification=product.justification)
        judged = [c for c in conditions if c.key != "price" or facts.deviation]
        steps = [self._step(condition, facts) for condition in judged]
        release = product.current
        plan = facts.plan
        return super().get_context_data(
            head=self._head(conditions),
            lifecycle=PRODUCT,
            steps=steps,
            open_steps=sum(not step.condition.is_met for step in steps),
            is_on_market=product.status in ON_MARKET,
            facts=facts,
            usage=usage_of(product) if product.is_model else None,
            usage_columns=USAGE_COLUMNS,
            plan=plan,
            ask=asking_price(plan, rows=release.rows, size=release.size)
            if plan and release
            else None,
            deviation=facts.deviation,
            deviation_words=deviation_text(facts.deviation.rate) if facts.deviation else "",
            appraisal=facts.appraisal,
            releases=list_releases(self.actor, product),
            owed=due_regrades(self.actor).filter(release__product=product).first(),
            release_columns=(
                Column(label=_("Release")),
                Column(label=_("Status")),
                Column(label=_("Rows"), number=True),
                Column(label=_("Size"), number=True),
                Column(label=_("Uploaded")),
            ),
            moments=moments_for(self.actor, "product", product.reference, limit=12),
            timeline_url=address("timeline", "product", product.reference),
            **kwargs,
        )

    def _head(self, conditions: list[Condition]) -> Head:
        product = self.product
        return Head(
            title=product.name,
            kind=product.get_product_type_display(),
            reference=product.reference,
            status=product.status,
            status_label=product.get_status_display(),
            since=product.status_since,
            summary=product.name_en,
            actions=[
                *self._actions(conditions),
                *evidence_action(self.actor, "PRODUCT", product.reference),
            ],
            crumbs=product_crumbs(),
            why=self._why(),
        )

    def _why(self) -> list[Link]:
        reference = self.product.reference
        grading = Link(label=_("Grading"), url=reverse("provider_grading", args=[reference]))
        quality = Link(label=_("Quality"), url=reverse("provider_quality", args=[reference]))
        costs = Link(label=_("Cost ledger"), url=reverse("provider_costs", args=[reference]))
        if self.product.is_model:
            quality = Link(
                label=_("Training data"), url=reverse("provider_training", args=[reference])
            )
        if not self.product.is_listed:
            return [grading, quality, costs]
        return [
            Link(label=_("On the market"), url=reverse("product", args=[reference])),
            grading,
            quality,
            costs,
        ]

    def _actions(self, conditions: list[Condition]) -> list[Action]:
        product = self.product
        return [
            *self._to_market(conditions),
            *self._on_market(),
            Action(
                label=_("Edit the manual"),
                url=_manual(product, "identity"),
                post=False,
                reason=rules.why_not_edit(self.actor, product),
            ),
            Action(
                label=_("Share the proceeds"),
                url=reverse("provider_share_propose", args=[product.reference]),
                post=False,
                reason=why_not_propose_share(self.actor, product),
            ),
            Action(
                label=_("Ask an appraiser"),
                url=reverse("provider_engage", args=[product.reference]),
                post=False,
                reason=why_not_engage(self.actor, product),
            ),
            *(
                [
                    Action(
                        label=_("State the training data"),
                        url=reverse("provider_training", args=[product.reference]),
                        post=False,
                        main=training_of(product) is None,
                        reason=rules.why_not_upload(self.actor, product),
                    )
                ]
                if product.is_model
                else []
            ),
            Action(
                label=_("Upload a release"),
                url=reverse("provider_upload", args=[product.reference]),
                post=False,
                reason=rules.why_not_upload(self.actor, product),
            ),
        ]

    def _to_market(self, conditions: list[Condition]) -> list[Action]:
        product, reference = self.product, self.product.reference
        may = rules.why_not_create(self.actor, product.provider.reference)
        if product.status in (ProductState.DRAFT, ProductState.APPRAISED):
            missing = sum(not found.is_met for found in conditions if found.key != "price")
            reason = may or (
                _("Steps still open: %(count)d. See the way to the market below.")
                % {"count": missing}
                if missing
                else None
            )
            return [
                Action(
                    label=_("Request the listing"),
                    url=reverse("provider_request", args=[reference]),
                    post=False,
                    main=True,
                    reason=reason,
                )
            ]
        if product.status == ProductState.REQUESTED:
            return [
                Action(
                    label=_("Take the request back"),
                    url=reverse("provider_retract", args=[reference]),
                    ask=_("The operator stops looking at it. You can ask again at any time."),
                    reason=may,
                )
            ]
        if product.status == ProductState.DELISTED:
            return [
                Action(
                    label=_("Reopen for a new listing"),
                    url=reverse("provider_reopen", args=[reference]),
                    main=True,
                    ask=_("The product becomes a draft again and needs every step anew."),
                    reason=may,
                )
            ]
        return []

    def _on_market(self) -> list[Action]:
        product, actor = self.product, self.actor
        if product.status not in ON_MARKET:
            return []
        acts = [("delist", _("Delist"), rules.why_not_stop(actor, product))]
        if product.status == ProductState.LISTED:
            acts.insert(0, ("suspend", _("Suspend"), rules.why_not_stop(actor, product)))
        else:
            refusal = rules.why_not_resume(actor, product, self.now)
            acts.insert(0, ("resume", _("Resume"), refusal))
        price = Action(
            label=_("Change the price"),
            url=reverse("provider_price", args=[product.reference]),
            post=False,
            reason=rules.why_not_upload(actor, product),
        )
        follow = Action(
            label=_("Price adjustment"),
            url=reverse("provider_adjustment", args=[product.reference]),
            post=False,
        )
        return [
            price,
            follow,
            *(
                Action(
                    label=label,
                    url=reverse(f"provider_{verb}", args=[product.reference]),
                    post=False,
                    danger=verb != "resume",
                    reason=refusal,
                )
                for verb, label, refusal in acts
            ),
        ]

    def _step(self, condition: Condition, facts: ListingFacts) -> StepOnTheWay:
        make = {
            "provider": self._provider_step,
            "manual": self._manual_step,
            "scenario": self._scenario_step,
            "rights": self._rights_step,
            "release": self._release_step,
            "delivery": self._delivery_step,
            "plan": self._plan_step,
            "appraisal": self._appraisal_step,
            "price": self._price_step,
            "commitment": self._commitment_step,
        }[condition.key]
        have, url, act, refusal = make(facts)
        if not condition.is_met and refusal is None:
            refusal = rules.why_not_create(self.actor, self.product.provider.reference)
        return StepOnTheWay(condition=condition, have=have, url=url, act=act, refusal=refusal)

    def _provider_step(self, _facts: ListingFacts) -> tuple[str, str, str, str | None]:
        url = address("organization_profile")
        return self.product.provider.name, url, _("See the admission"), None

    def _manual_step(self, _facts: ListingFacts) -> tuple[str, str, str, str | None]:
        missing = missing_to_list(self.product)
        first = next((f for f in missing if f.name not in rules.REQUEST_TERMS), None)
        chapter = first.chapter.lower() if first else "identity"
        have = _("version %(version)d") % {"version": self.product.version}
        refusal = rules.why_not_edit(self.actor, self.product)
        return have, _manual(self.product, chapter), _("Go on writing"), refusal

    def _scenario_step(self, _facts: ListingFacts) -> tuple[str, str, str, str | None]:
        allowed = self.product.manual.get("scenarios_allowed") or []
        refusal = rules.why_not_edit(self.actor, self.product)
        return "; ".join(allowed), _manual(self.product, "use"), _("State the scenarios"), refusal

    def _rights_step(self, _facts: ListingFacts) -> tuple[str, str, str, str | None]:
        rights = self.product.rights
        have = f"{rights.reference} {rights.get_status_display()}" if rights else ""
        url = reverse("provider_product_rights", args=[self.product.reference])
        return have, url, _("Attach a statement"), rules.why_not_edit(self.actor, self.product)

    def _release_step(self, facts: ListingFacts) -> tuple[str, str, str, str | None]:
        newest = self.product.releases.order_by("-number").first()
        shown = facts.release or newest
        upload = reverse("provider_upload", args=[self.product.reference])
        if shown is None:
            refusal = rules.why_not_upload(self.actor, self.product)
            return "", upload, _("Upload the first release"), refusal
        have = f"{shown.reference} {shown.get_status_display()}"
        if shown.status in ("BLOCKED", "WITHDRAWN"):
            return have, upload, _("Upload another release"), None
        url = reverse("provider_release", args=[shown.reference])
        return have, url, _("See the release"), None

    def _delivery_step(self, facts: ListingFacts) -> tuple[str, str, str, str | None]:
        level = facts.release.level if facts.release else None
        have = self.product.get_delivery_level_display() if self.product.delivery_level else ""
        if level:
            have = f"{have} · {_('level %(level)d') % {'level': level}}".strip(" ·")
        refusal = rules.why_not_edit(self.actor, self.product)
        return have, _manual(self.product, "delivery"), _("Choose the delivery"), refusal

    def _plan_step(self, facts: ListingFacts) -> tuple[str, str, str, str | None]:
        have = facts.plan.get_kind_display() if facts.plan else ""
        url = reverse("provider_price", args=[self.product.reference])
        return have, url, _("Set the price"), rules.why_not_upload(self.actor, self.product)

    def _appraisal_step(self, facts: ListingFacts) -> tuple[str, str, str, str | None]:
        found = facts.appraisal
        have = f"{found.low.formatted()} – {found.high.formatted()}" if found else ""
        url = reverse("provider_appraise", args=[self.product.reference])
        refusal = rules.why_not_order_appraisal(self.actor, self.product) or rules.why_not_cleared(
            self.product.current
        )
        return have, url, _("Order the appraisal"), refusal

    def _price_step(self, facts: ListingFacts) -> tuple[str, str, str, str | None]:
        have = deviation_text(facts.deviation.rate) if facts.deviation else ""
        url = reverse("provider_price", args=[self.product.reference])
        act = _("Change the price, or justify it when you request the listing")
        if facts.deviation and facts.deviation.needs_review and facts.review is None:
            url = reverse("provider_price_review", args=[self.product.reference])
            act = _("Have the price reviewed")
        return have, url, act, rules.why_not_upload(self.actor, self.product)

    def _commitment_step(self, _facts: ListingFacts) -> tuple[str, str, str, str | None]:
        done = self.product.commitment_version
        have = _("for version %(version)d") % {"version": done} if done else ""
        url = reverse("provider_commit", args=[self.product.reference])
        refusal = rules.why_not_commit(self.actor, self.product)
        return have, url, _("Read and accept"), refusal


def _manual(product: Product, chapter: str) -> str:
    return reverse("provider_manual", args=[product.reference, chapter])


urlpatterns = [
    path(
        "provider/products/<str:reference>/",
        ProviderProduct.as_view(),
        name="provider_product",
    ),
]
