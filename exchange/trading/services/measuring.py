"""A buyer has the sources of what it bought measured on its own task."""

from datetime import datetime

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, NotAllowed
from exchange.settlement.models import ValueMeasurement
from exchange.settlement.queries import agreement_at
from exchange.settlement.services import TaskStated, request_measurement
from exchange.trading import rules
from exchange.trading.models import Order


def measure_contributions_for(
    *, order: Order, stated: TaskStated, by: Actor, at: datetime
) -> ValueMeasurement:
    """Queue the measurement of a paid order's product, as its buyer; see `request_measurement`."""
    if refusal := rules.why_not_measure(by, order):
        raise NotAllowed(refusal)
    agreement = agreement_at(order.product.reference, at)
    if agreement is None:
        raise Conflict(_("The proceeds of this product are not shared between several sources."))
    return request_measurement(
        agreement=agreement, stated=stated, by=by, at=at, order=order.reference
    )
