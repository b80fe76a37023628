"""Stating what a model is: its disclosure, its file, and on what it was trained."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Invalid, NotAllowed
from audit.log.references import new_reference
from audit.log.services import record
from audit.rulebook.queries import day_of
from exchange.catalog import rules
from exchange.catalog.models import Product, TrainingStatement
from exchange.catalog.queries import training_of
from exchange.catalog.training_events import TrainingStated
from exchange.catalog.training_fields import TRAINING_FIELDS
from exchange.catalog.vocabulary import SourceRights
from exchange.registry.fields import read_values
from exchange.registry.models import RightsStatement
from exchange.registry.states import Right
from exchange.vault.models import StoredObject
from exchange.vault.states import ObjectState

from .locking import lock_product


@dataclass(frozen=True, kw_only=True)
class Licensed:
    """A contract that lets its buyer train on what it bought: the release it delivers."""

    contract: str
    release: str


def read_training(raw: object) -> dict[str, Any]:
    """Read a statement on training data; raises Invalid naming every field that is wrong."""
    return dict(read_values(TRAINING_FIELDS, raw))


@transaction.atomic
def state_training(
    *,
    product: Product,
    statement: Mapping[str, Any],
    licensed: Mapping[str, Licensed],
    by: Actor,
    at: datetime,
) -> TrainingStatement:
    """State under which disclosure a model goes and on what it was trained; the filter reads it.

    `statement` was read by `read_training`; `licensed` are the contracts it names that allow
    training. The same statement again is the version that holds. Raises Invalid where a source
    names no right of the provider's, NotAllowed for who may not change the product.
    """
    if refusal := rules.why_not_upload(by, product) or rules.why_no_model(product):
        raise NotAllowed(refusal)
    owner, on = product.provider.reference, day_of(at)
    faults: dict[str, list[str]] = {}
    sources = []
    for place, source in enumerate(statement["sources"]):
        if fault := _fault_of(source, owner, licensed, on):
            faults[f"sources.{place}.{fault[0]}"] = [fault[1]]
        bought = licensed.get(source["reference"])
        sources.append(source | ({"release": bought.release} if bought else {}))
    if faults:
        raise Invalid(faults)
    told = {
        "algorithm": statement["algorithm"],
        "model_sha256": statement["model_sha256"],
        "sources": sources,
    }
    digest = hashlib.sha256(canonical(told)).hexdigest()
    lock_product(product)
    held = training_of(product)
    if held is not None and held.sha256 == digest:
        return held
    stated = TrainingStatement.objects.create(
        reference=new_reference("TD", at),
        product=product,
        number=held.number + 1 if held else 1,
        sha256=digest,
        stated_by=by.id,
        stated_at=at,
        **told,
    )
    event = TrainingStated(
        product=product.reference,
        organization=owner,
        statement=stated.reference,
        number=stated.number,
        algorithm=stated.algorithm,
        model_sha256=stated.model_sha256,
        sources=len(sources),
        statement_sha256=digest,
    )
    record(event, by=by, at=at)
    return stated


def _fault_of(
    source: Mapping[str, Any], owner: str, licensed: Mapping[str, Licensed], on: Any
) -> tuple[str, str] | None:
    """Return which field of a source names no right, and why."""
    reference = source["reference"]
    match source["rights"]:
        case SourceRights.STATEMENT:
            found = RightsStatement.objects.filter(
                reference=reference, organization__reference=owner
            ).first()
            if found is None or not found.gives(Right.USE, on=on):
                return "reference", _(
                    "Name a rights statement of yours that is in force and gives the right to use "
                    "the data."
                )
        case SourceRights.CONTRACT:
            if reference not in licensed:
                return "reference", _(
                    "Name a contract of yours as a buyer that took effect and lets results derived "
                    "from the data be kept."
                )
        case _:
            known = StoredObject.objects.filter(
                reference=source["evidence"] or "-", owner=owner, status=ObjectState.STORED
            )
            if not known.exists():
                return "evidence", _("Add a file of yours that proves what you declare.")
    return None
