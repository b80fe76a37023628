"""Decisions that are the same for everybody: kept once, sealed in batches, destroyed in time.

A search is a read and may be frequent and hostile. What is kept of it says nothing about who
searched, and one entry of the log stands for a batch: the root of an RFC 6962 hash tree over the
digests of its decisions, to which every row leads by an inclusion proof.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.core.cache import cache
from django.db import IntegrityError, transaction

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict
from audit.log.merkle import inclusion_proof
from audit.log.references import new_reference
from audit.log.services import record
from audit.retention.services import record_destruction, require_free
from audit.retention.states import DestroyedKind
from verify import merkle

from .events import DecisionsSealed, SealEmptied
from .models import Seal, StandingDecision
from .services import check_sizes, digest_of, require_in_force

BATCH: Final = 1000
"""Decisions of one seal at most: their tree is computed anew for each proof."""
HOUR: Final = 3600


def find_standing(
    *, algorithm: str, inputs: Mapping[str, Any], output: Mapping[str, Any]
) -> StandingDecision | None:
    """Return what is on record of exactly this decision; one look-up by its digest.

    Raises NotInForce where the algorithm may not decide.
    """
    disclosure = require_in_force(algorithm)
    key = _key(disclosure.reference, digest_of(inputs), output)
    return StandingDecision.objects.filter(key_sha256=key).first()


def keep_standing(
    *,
    algorithm: str,
    inputs: Mapping[str, Any],
    output: Mapping[str, Any],
    explanation: Mapping[str, Any],
    at: datetime,
) -> StandingDecision:
    """Keep a decision that is the same for whoever asks the same; of two rivals one row stays."""
    disclosure = require_in_force(algorithm)
    digest = digest_of(inputs)
    check_sizes(algorithm, output, explanation)
    key = _key(disclosure.reference, digest, output)
    try:
        with transaction.atomic():
            return StandingDecision.objects.create(
                reference=new_reference("DN", at),
                algorithm=algorithm,
                disclosure=disclosure,
                key_sha256=key,
                inputs_sha256=digest,
                output=dict(output),
                explanation=dict(explanation),
                taken_at=at,
            )
    except IntegrityError:
        return StandingDecision.objects.get(key_sha256=key)


def may_add(visitor: str, *, most: int) -> bool:
    """Count one more new decision of a visitor; False once it had `most` within the hour."""
    name = hashlib.sha256(visitor.encode()).hexdigest()[:32]
    key = f"standing-decisions:{name}"
    if cache.add(key, 1, HOUR):
        return most >= 1
    try:
        return int(cache.incr(key)) <= most
    except ValueError:  # it ran out in between
        cache.add(key, 1, HOUR)
        return most >= 1


@transaction.atomic
def seal_decisions(*, by: Actor, at: datetime) -> Seal | None:
    """Seal the oldest unsealed decisions, with one entry for all; None where there are none.

    Of two sealers at once each takes rows that the other has not.
    """
    waiting = StandingDecision.objects.filter(seal=None).order_by("pk")
    rows = list(waiting.select_for_update(skip_locked=True, of=("self",))[:BATCH])
    if not rows:
        return None
    seal = Seal.objects.create(
        reference=new_reference("DS", at),
        count=len(rows),
        root_sha256=root_of(rows).hex(),
        sealed_at=at,
    )
    keys = [row.pk for row in rows]
    StandingDecision.objects.filter(pk__in=keys, seal=None).update(seal=seal)
    sealed = DecisionsSealed(
        seal=seal.reference, decisions_count=seal.count, root_sha256=seal.root_sha256
    )
    record(sealed, by=by, at=at)
    return seal


@transaction.atomic
def empty_seal(
    *, seal: Seal, reason: str, basis: str, retention_class: str, by: Actor, at: datetime
) -> int:
    """Destroy the rows of a seal whose term is over, signed; return how many went.

    Raises Held while a legal hold is in force on what they belong to, and Conflict where a rival
    destroyed them already.
    """
    require_free(("seal", seal.reference))
    count, _kinds = StandingDecision.objects.filter(seal=seal).delete()
    if not count:
        raise Conflict
    record_destruction(
        kind=DestroyedKind.SEAL,
        subject=seal.reference,
        what={"decisions": count, "root_sha256": seal.root_sha256},
        reason=reason,
        basis=basis,
        retention_class=retention_class,
        by=by,
        at=at,
    )
    emptied = SealEmptied(seal=seal.reference, decisions_count=count, legal_basis=basis)
    record(emptied, by=by, at=at)
    return count


def leaf_of(decision: StandingDecision) -> bytes:
    """Return the leaf's hash of a decision in the tree of its seal."""
    document = {
        "algorithm": decision.algorithm,
        "decision": decision.reference,
        "explanation_sha256": digest_of(decision.explanation),
        "inputs_sha256": decision.inputs_sha256,
        "key_sha256": decision.key_sha256,
        "output_sha256": digest_of(decision.output),
    }
    return merkle.leaf_hash(canonical(document))


def root_of(rows: Sequence[StandingDecision]) -> bytes:
    """Return the root over decisions in the order of their keys."""
    return merkle.root_of(leaf_of(row) for row in rows)


def proof_of(decision: StandingDecision) -> tuple[int, int, list[bytes]]:
    """Return place, size and hashes that lead from a sealed decision to the root of its seal."""
    rows = list(StandingDecision.objects.filter(seal=decision.seal_id).order_by("pk"))
    place = next(n for n, row in enumerate(rows) if row.pk == decision.pk)
    levels = _levels([leaf_of(row) for row in rows])
    hashes = inclusion_proof(place, len(rows), lambda level, index: levels[level][index])
    return place, len(rows), hashes


def _levels(leaves: list[bytes]) -> list[list[bytes]]:
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = zip(below[::2], below[1::2], strict=False)
        levels.append([merkle.node_hash(left, right) for left, right in pairs])
    return levels


def _key(disclosure: str, inputs_sha256: str, output: Mapping[str, Any]) -> str:
    return digest_of({"disclosure": disclosure, "inputs": inputs_sha256, "output": dict(output)})
