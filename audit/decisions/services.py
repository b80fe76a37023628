"""Verbs of the decision log: record what an algorithm decided, and what a person made of it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from audit.disclosure.models import Disclosure
from audit.disclosure.queries import PLATFORM, current_disclosure
from audit.disclosure.states import DisclosureState
from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.references import new_reference
from audit.log.services import record

from . import rules
from .events import DecisionOverridden, DecisionTaken
from .models import Decision, Override, StandingDecision
from .states import Result

OUTPUT_MOST: Final = 4_096
EXPLANATION_MOST: Final = 16_384
DOCUMENT: Final = "quanheng.decision.v1"
Subject = tuple[str, str]
"""Kind and reference of the thing decided about, as entries of the log name it."""


class NotInForce(Conflict):
    """An algorithm may not decide: nothing that is disclosed of it is in force."""

    code = "algorithm-not-in-force"


def require_in_force(algorithm: str) -> Disclosure:
    """Return the disclosure under which an algorithm of the platform may decide.

    Raises NotInForce, naming what to do, where none is in force or it is suspended.
    """
    found = current_disclosure(algorithm)
    if found is not None:
        return found
    rows = Disclosure.objects.filter(owner=PLATFORM, algorithm=algorithm)
    if rows.filter(status=DisclosureState.SUSPENDED).exists():
        words = _(
            "The algorithm “%(algorithm)s” is suspended, so it decides nothing. A person decides "
            "in its place, or the suspension is lifted first."
        )
    else:
        words = _(
            "No disclosure of the algorithm “%(algorithm)s” is in force, so it decides nothing. "
            "The operator publishes its disclosure first."
        )
    raise NotInForce(words % {"algorithm": algorithm})


@transaction.atomic
def record_decision(
    *,
    algorithm: str,
    subject: Subject,
    concerning: str = "",
    inputs: Mapping[str, Any],
    output: Mapping[str, Any],
    explanation: Mapping[str, Any],
    by: Actor,
    at: datetime,
) -> Decision:
    """Keep what an algorithm decided, in the transaction of the act itself.

    Of `inputs` only the digest of the canonical form is kept; `output` and `explanation` hold
    codes and figures. Raises NotInForce where the algorithm may not decide, ValueError for an
    output over 4 KiB or an explanation over 16 KiB.
    """
    disclosure = require_in_force(algorithm)
    check_sizes(algorithm, output, explanation)
    kind, reference = subject
    decision = Decision.objects.create(
        reference=new_reference("DN", at),
        algorithm=algorithm,
        disclosure=disclosure,
        subject_kind=kind,
        subject=reference,
        concerning=concerning,
        inputs_sha256=digest_of(inputs),
        output=dict(output),
        explanation=dict(explanation),
        taken_at=at,
    )
    taken = DecisionTaken(
        decision=decision.reference,
        disclosure=disclosure.reference,
        organization=concerning,
        algorithm=algorithm,
        about=kind,
        about_reference=reference,
        inputs_sha256=decision.inputs_sha256,
        document_sha256=digest_of(document_of(decision)),
    )
    record(taken, by=by, at=at)
    return decision


def check_sizes(algorithm: str, output: Mapping[str, Any], explanation: Mapping[str, Any]) -> None:
    """Raise ValueError for more than a decision keeps, TypeError for figures that are floats."""
    for name, document, most in (
        ("output", output, OUTPUT_MOST),
        ("explanation", explanation, EXPLANATION_MOST),
    ):
        if (size := len(canonical(document))) > most:
            msg = f"{algorithm}: {name} of {size} bytes; a decision keeps {most}"
            raise ValueError(msg)


def document_of(decision: Decision) -> dict[str, Any]:
    """Return a decision as one document, whose digest its entry in the log states."""
    return {
        "type": DOCUMENT,
        "reference": decision.reference,
        "algorithm": decision.algorithm,
        "disclosure": decision.disclosure.reference,
        "disclosure_sha256": decision.disclosure.document_sha256,
        "about": decision.subject_kind,
        "about_reference": decision.subject,
        "organization": decision.concerning,
        "inputs_sha256": decision.inputs_sha256,
        "output": decision.output,
        "explanation": decision.explanation,
        "taken_at": decision.taken_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }


@transaction.atomic
def override_decision(
    *,
    decision: Decision,
    reason: str,
    outcome: str,
    result: Result = Result.SET_ASIDE,
    by: Actor,
    at: datetime,
) -> Override:
    """Let the operator or a regulator set a decision aside (《个人信息保护法》第二十四条).

    The override is put on record; what follows for the thing decided about is done there.
    """
    if refusal := rules.why_not_override(by):
        raise NotAllowed(refusal)
    return note_override(
        decision=decision, reason=reason, outcome=outcome, result=result, by=by, at=at
    )


@transaction.atomic
def note_override(
    *,
    decision: Decision,
    reason: str,
    outcome: str,
    result: Result = Result.SET_ASIDE,
    by: Actor,
    at: datetime,
) -> Override:
    """Keep that a person decided otherwise, for an act that has asked for its own permission.

    `outcome` is a code or a few words for what holds instead. Raises Invalid for empty words.
    """
    said = _read(reason=(reason, rules.REASON_MOST), outcome=(outcome, rules.OUTCOME_MOST))
    override = Override.objects.create(
        reference=new_reference("DO", at),
        decision=decision,
        result=result,
        outcome=said["outcome"],
        reason=said["reason"],
        actor=by.id,
        organization=by.organization,
        overridden_at=at,
    )
    overridden = DecisionOverridden(
        override=override.reference,
        decision=decision.reference,
        organization=decision.concerning,
        algorithm=decision.algorithm,
        about=decision.subject_kind,
        about_reference=decision.subject,
        result=str(result),
        outcome=said["outcome"],
        reason_sha256=hashlib.sha256(said["reason"].encode()).hexdigest(),
    )
    record(overridden, by=by, at=at)
    return override


def is_digest_of(decision: Decision | StandingDecision, text: str) -> bool:
    """Whether inputs that somebody holds, as JSON, are those of a decision; nothing is kept.

    Raises Invalid for what is no JSON object, or holds figures that are not whole or text.
    """
    try:
        document = json.loads(text)
        if not isinstance(document, dict):
            raise Invalid({"inputs": [_("Inputs are one JSON object.")]})
        return digest_of(document) == decision.inputs_sha256
    except (ValueError, TypeError, RecursionError) as error:
        words = _("This is no JSON that has a canonical form: %(error)s")
        raise Invalid({"inputs": [words % {"error": str(error)[:200]}]}) from None


def digest_of(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical form (RFC 8785), as everybody computes it again."""
    return hashlib.sha256(canonical(document)).hexdigest()


def _read(**fields: tuple[str, int]) -> dict[str, str]:
    said = {name: text.strip() for name, (text, _most) in fields.items()}
    problems: dict[str, list[str]] = {}
    for name, (_text, most) in fields.items():
        if not said[name]:
            problems[name] = [_("Please fill this in; it becomes part of the record.")]
        elif len(said[name]) > most:
            problems[name] = [_("At most %(most)d characters.") % {"most": most}]
    if problems:
        raise Invalid(problems)
    return said
