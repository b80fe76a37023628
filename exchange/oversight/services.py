"""What a regulator does: suspends and resumes listings, and looks, which is recorded."""

import dataclasses
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound
from audit.log.lifecycle import advance, begin
from audit.log.models import Entry, EntryRef
from audit.log.references import new_reference
from audit.log.services import record
from exchange.catalog.models import Product
from exchange.catalog.services import resume_listing, suspend_listing
from exchange.catalog.states import ProductState
from exchange.parties.queries import get_organization
from exchange.registry.fields import Field, Kind, read_values
from exchange.trading.fields import REASON

from . import rules
from .events import SuspensionLifted, SuspensionOrdered, ViewRecorded
from .models import SupervisionOrder
from .states import SUPERVISION

BASIS = Field(
    name="basis",
    label=gettext_lazy("legal basis"),
    help=gettext_lazy("Law and article, such as 《数据安全法》第四十四条."),
    kind=Kind.TEXT,
    required=True,
    max_length=400,
)
PURPOSE = Field(
    name="purpose",
    label=gettext_lazy("purpose of the inspection"),
    help=gettext_lazy("What the inspection is for; it stands in the log."),
    kind=Kind.TEXT,
    required=True,
    max_length=200,
)

INSPECTED_KINDS = frozenset(ViewRecorded.references) - {"organization"}
"""Kinds of things whose inspection is recorded."""

COLLECTIONS = frozenset({"trail", "trail.export"})
"""Records of many parties that are inspected together."""


@transaction.atomic
def order_suspension(
    *, product: Product, reason: str, basis: str, by: Actor, at: datetime
) -> SupervisionOrder:
    """Take a listing off the market; every access under it is refused from this moment.

    《数据安全法》第四十四条, 《网络数据安全管理条例》第五十一条. Reason and basis are part of the
    order and of its entry.
    """
    if refusal := rules.why_not_suspend(by, product):
        raise NotAllowed(refusal)
    texts = _texts((REASON, BASIS), reason=reason, basis=basis)
    try:
        with transaction.atomic():
            supervision = SupervisionOrder.objects.create(
                reference=new_reference("SO", at),
                product=product,
                authority=get_organization(by.organization),
                reason=texts["reason"],
                legal_basis=texts["basis"],
                ordered_at=at,
            )
    except IntegrityError as error:
        raise Conflict(_("An order against this listing is in force already.")) from error
    ordered = SuspensionOrdered(
        supervision=supervision.reference,
        product=product.reference,
        reason=texts["reason"],
        legal_basis=texts["basis"],
    )
    begin(supervision, event=ordered, by=by, at=at)
    suspend_listing(product=product, reason=texts["reason"], by=by, at=at)
    return supervision


@transaction.atomic
def lift_suspension(
    *, supervision: SupervisionOrder, reason: str, by: Actor, at: datetime
) -> SupervisionOrder:
    """Take an order back; a listing that is still suspended goes on, with the accesses under it."""
    if refusal := rules.why_not_lift(by, supervision):
        raise NotAllowed(refusal)
    texts = _texts((REASON,), reason=reason)
    lifted = SuspensionLifted(
        supervision=supervision.reference,
        product=supervision.product.reference,
        reason=texts["reason"],
    )
    advance(
        supervision,
        SUPERVISION.lift,
        event=lifted,
        by=by,
        at=at,
        lifted_at=at,
        lift_reason=texts["reason"],
    )
    product = Product.objects.get(pk=supervision.product_id)
    if product.status == ProductState.SUSPENDED:
        resume_listing(product=product, reason=texts["reason"], by=by, at=at)
    return supervision


@transaction.atomic
def record_view(*, kind: str, reference: str, purpose: str, by: Actor, at: datetime) -> Entry:
    """Record that an authority looks at something that is not public, and what for.

    《网络数据安全管理条例》第五十三条. Call it before the records are shown: without the entry
    there is no look.
    """
    if refusal := rules.why_not_inspect(by):
        raise NotAllowed(refusal)
    texts = _texts((PURPOSE,), purpose=purpose)
    if kind not in INSPECTED_KINDS:
        raise Invalid({"kind": [_("Inspections of this kind of record are not known.")]})
    if not EntryRef.objects.filter(kind=kind, reference=reference).exists():
        raise NotFound
    viewed = ViewRecorded(organization=by.organization, what=kind, purpose=texts["purpose"])
    return record(dataclasses.replace(viewed, **{kind: reference}), by=by, at=at)


@transaction.atomic
def record_inspection(*, what: str, purpose: str, by: Actor, at: datetime) -> Entry:
    """Record that an authority reads records of many parties together, and what for.

    For the trail and its export; `record_view` is for one thing.
    """
    if refusal := rules.why_not_inspect(by):
        raise NotAllowed(refusal)
    texts = _texts((PURPOSE,), purpose=purpose)
    if what not in COLLECTIONS:
        raise Invalid({"what": [_("Inspections of this kind of record are not known.")]})
    viewed = ViewRecorded(organization=by.organization, what=what, purpose=texts["purpose"])
    return record(viewed, by=by, at=at)


def _texts(fields: tuple[Field, ...], **values: str) -> dict[str, str]:
    return {name: str(text) for name, text in read_values(fields, values).items()}
