"""What a regulator orders: listings are suspended, and go on."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.actors import Actor
from audit.log.errors import Conflict, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from exchange.catalog.models import Product
from exchange.catalog.services import resume_listing, suspend_listing
from exchange.catalog.states import ProductState
from exchange.oversight import rules
from exchange.oversight.events import SuspensionLifted, SuspensionOrdered
from exchange.oversight.models import SupervisionOrder
from exchange.oversight.states import SUPERVISION
from exchange.parties.queries import get_organization
from exchange.registry.fields import Field, Kind
from exchange.trading.fields import REASON

from .texts import texts_of

BASIS = Field(
    name="basis",
    label=gettext_lazy("legal basis"),
    help=gettext_lazy("Law and article, such as 《数据安全法》第四十四条."),
    kind=Kind.TEXT,
    required=True,
    max_length=400,
)


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
    texts = texts_of((REASON, BASIS), reason=reason, basis=basis)
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
    texts = texts_of((REASON,), reason=reason)
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
