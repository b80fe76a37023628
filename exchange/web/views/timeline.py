"""The history of a product or an order, for its parties and for those who watch."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _

from audit.log.errors import NotFound
from audit.log.models import Entry
from exchange.catalog.models import Product
from exchange.oversight.queries import RELATED_KINDS, TIMELINES, TrailRow, timeline
from exchange.parties.models import Organization
from exchange.parties.queries import get_organization_for
from exchange.trading.models import Order
from exchange.trading.queries import get_order_for
from exchange.web.components import Head, Link, Moment
from exchange.web.evidence import evidence_action
from exchange.web.timelines import worded_moments
from exchange.web.words import FIELDS, KINDS, kind_word, value_word

from .inspection import Inspection

PAGE = 100
ORDER_PATH = (
    "PLACED",
    "CONTRACTED",
    "PAID",
    "DELIVERING",
    "DELIVERED",
    "ACCEPTED",
    "SETTLING",
    "SETTLED",
)


class Timeline(Inspection):
    """Where a thing stands on its path, and everything recorded of it, the oldest first."""

    member = True
    template_name = "regulator/timeline.html"
    thing: Product | Order | Organization

    def load(self, **kwargs: Any) -> None:
        self.kind, self.reference = kwargs["kind"], kwargs["reference"]
        if self.kind not in TIMELINES:
            raise NotFound(_("Timelines are kept of products, orders and organizations."))
        timeline(self.actor, self.kind, self.reference, limit=1)  # NotFound for strangers
        self.thing = self._thing()

    def _thing(self) -> Product | Order | Organization:
        if self.kind == "order":
            return get_order_for(self.actor, self.reference)
        if self.kind == "organization":
            return get_organization_for(self.actor, self.reference)
        return Product.objects.select_related("provider").get(reference=self.reference)

    def subject(self) -> tuple[str, str]:
        return ("party" if self.kind == "organization" else self.kind), self.reference

    @property
    def inspects(self) -> bool:
        """One's own history is no look at others."""
        return self.reference != self.actor.organization and super().inspects

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        after = self.request.GET.get("after", "")
        found = timeline(
            self.actor,
            self.kind,
            self.reference,
            after=int(after) if after.isdecimal() and len(after) < 16 else None,  # noqa: PLR2004
            limit=PAGE,
        )
        return super().get_context_data(
            thing=self.thing,
            head=self._head(),
            lifecycle=self.thing.lifecycle,
            path=ORDER_PATH if self.kind == "order" else (),
            moments=self._moments(found.rows),
            later=found.cursor,
            earlier=bool(after),
            **kwargs,
        )

    def _moments(self, rows: Sequence[TrailRow]) -> list[Moment]:
        entries = Entry.objects.filter(id__in=[row.id for row in rows]).select_related("leaf")
        worded = {m.entry: m for m in worded_moments(self.actor, list(entries))}
        return [
            dataclasses.replace(worded[row.id], details=self._details(row))
            for row in rows
            if row.id in worded
        ]

    def _details(self, row: TrailRow) -> list[tuple[object, object]]:
        """Return what an entry names besides this thing, and what it says in words."""
        named = [
            f"{kind_word(kind)} {reference}"
            for kind, reference in row.refs
            if reference != self.reference and kind in RELATED_KINDS.get(self.kind, KINDS)
        ]
        said = [
            f"{label} {_with_currency(name, row.body)}"
            for name, label in FIELDS.items()
            if row.body.get(name) not in (None, "") and name not in dict(row.refs)
        ]
        lines = ((_("Names"), named), (_("Says"), said))
        return [(title, " · ".join(parts)) for title, parts in lines if parts]

    def _head(self) -> Head:
        thing = self.thing
        if isinstance(thing, Organization):
            return Head(
                title=thing.name,
                kind=_("Timeline of an organization"),
                reference=thing.reference,
                status=thing.status,
                status_label=thing.get_status_display(),
                since=thing.status_since,
                summary=thing.name_en,
            )
        product = thing.product if isinstance(thing, Order) else thing
        why = [Link(label=_("Product page"), url=reverse("product", args=[product.reference]))]
        if isinstance(thing, Order):
            history = reverse("timeline", args=["product", product.reference])
            why.append(Link(label=_("Timeline of the product"), url=history))
        return Head(
            title=product.name,
            kind=_("Timeline of an order")
            if isinstance(thing, Order)
            else _("Timeline of a product"),
            reference=thing.reference,
            status=thing.status,
            status_label=thing.get_status_display(),
            since=_since(thing),
            summary=f"{thing.buyer.name} ← {thing.provider.name}"
            if isinstance(thing, Order)
            else product.provider.name,
            actions=evidence_action(self.actor, self.kind.upper(), thing.reference),
            why=why,
        )


def _since(thing: Product | Order) -> datetime | None:
    """Return since when a thing is in its state; an order keeps the times of its steps."""
    if isinstance(thing, Product):
        return thing.status_since
    steps = (
        thing.placed_at,
        thing.paid_at,
        thing.delivered_at,
        thing.accepted_at,
        thing.settled_at,
        thing.closed_at,
    )
    return max(step for step in steps if step is not None)


def _with_currency(name: str, body: dict[str, Any]) -> str:
    amounts = ("amount", "price", "provider_amount", "fee_amount")
    value = value_word(name, body[name])
    return f"{body['currency']} {value}" if name in amounts and body.get("currency") else value


urlpatterns = [
    path("timeline/<str:kind>/<str:reference>/", Timeline.as_view(), name="timeline"),
]
