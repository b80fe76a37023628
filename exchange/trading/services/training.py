"""What models were trained on, where it was bought here: contracts that let results be kept."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import transaction

from audit.log.actors import Actor
from exchange.catalog.models import Product, TrainingStatement
from exchange.catalog.services import Licensed, read_training, state_training
from exchange.catalog.vocabulary import Retention, SourceRights
from exchange.trading.models import Contract
from exchange.trading.states import ContractState

IN_EFFECT: Final = (ContractState.EFFECTIVE, ContractState.COMPLETED)
DERIVED_KEPT: Final = frozenset({Retention.KEEP_DERIVED, Retention.KEEP})
"""After the end of such a contract a model that was trained on the data may stay."""


@transaction.atomic
def state_model_training(
    *, product: Product, statement: object, by: Actor, at: datetime
) -> TrainingStatement:
    """State under which disclosure a model goes and on what it was trained.

    Raises Invalid naming every field that is wrong, and every source without a right on record.
    """
    read = read_training(statement)
    named = [
        str(source["reference"])
        for source in read["sources"]
        if source["rights"] == SourceRights.CONTRACT
    ]
    licensed = contracts_for_training(product.provider.reference, named)
    return state_training(product=product, statement=read, licensed=licensed, by=by, at=at)


def contracts_for_training(buyer: str, references: Iterable[str]) -> dict[str, Licensed]:
    """Return which of the contracts let their buyer keep what it derived from the data."""
    contracts = Contract.objects.filter(
        reference__in=list(references), order__buyer__reference=buyer, status__in=IN_EFFECT
    ).select_related("order__release")
    return {
        contract.reference: Licensed(
            contract=contract.reference, release=contract.order.release.reference
        )
        for contract in contracts
        if json.loads(contract.document)["policy"]["retention"] in DERIVED_KEPT
    }
