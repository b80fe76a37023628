"""The file of a case: written head by head, handed in, sent back for more."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, NotFound
from audit.log.lifecycle import advance
from audit.log.services import record
from audit.rulebook.queries import day_of
from audit.rulebook.workdays import add_workdays
from exchange.compliance import dossiers, rules
from exchange.compliance.case_events import (
    CaseDocumentRead,
    CaseSentBack,
    CaseSubmitted,
    CaseWritten,
)
from exchange.compliance.heads import Head, case_pack, heads_of, shortcomings
from exchange.compliance.models import Case, FilePart
from exchange.compliance.states import CASE, CaseState
from exchange.registry.fields import read_values
from exchange.vault.models import StoredObject
from exchange.vault.services import ObjectReader, open_object
from exchange.vault.states import ObjectState, Purpose

from .drops import void_proposal
from .verdicts import FILTER
from .wording import digest_of_text, read_reason

DOCUMENTS = (Purpose.EVIDENCE, Purpose.DOCUMENT, Purpose.PROOF)


@transaction.atomic
def write_part(
    *,
    case: Case,
    head: str,
    values: Mapping[str, Any],
    documents: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> Case:
    """Write a new version of one head; `documents` are all of its documents, by reference.

    What is not complete yet is kept all the same. A proposed decision is void by it, since it was
    bound to the file as it was.
    """
    case = dossiers.lock_case(case)
    if refusal := rules.why_not_write(by, case, head):
        raise NotAllowed(refusal)
    pack = case_pack(day_of(at))
    found = next((each for each in heads_of(case, pack) if each.id == head), None)
    if found is None:
        raise Invalid({"head": [_("The file of this case has no such head.")]})
    before = dossiers.parts_of(case).get(head)
    said = _read(found, values)
    kept = _documents(documents, before, by.organization, int(pack.data["most_documents"]))
    if before and (before.values, before.documents) == (said, kept):
        return case
    _enter(case, head, said, kept, before.number + 1 if before else 1, by=by, at=at)
    if case.status == CaseState.PROPOSED:
        void_proposal(case, _("The file of the case was changed."), at)
    return case


def _enter(
    case: Case,
    head: str,
    said: Mapping[str, Any],
    kept: Sequence[Mapping[str, Any]],
    number: int,
    *,
    by: Actor,
    at: datetime,
) -> None:
    part = FilePart.objects.create(
        case=case,
        head=head,
        number=number,
        values=said,
        documents=kept,
        sha256=dossiers.digest_of_part(head, said, kept),
        written_by=by.id,
        written_for=by.organization,
        written_at=at,
    )
    digest = dossiers.digest_of_file(case)
    Case.objects.filter(pk=case.pk).update(file_sha256=digest)
    case.file_sha256 = digest
    release = case.screening.release
    written = CaseWritten(
        case=case.reference,
        release=release.reference,
        product=release.product.reference,
        head=head,
        number=part.number,
        part_sha256=part.sha256,
        file_sha256=digest,
        objects=",".join(each["object"] for each in kept),
    )
    record(written, by=by, at=at)


def carry_over(case: Case, at: datetime) -> None:
    """Put what the last case on the same content had in its file into this one, as it stood.

    Nobody has to write anew what a new version of the rules has not changed; it is handed in anew.
    """
    screening = case.screening
    earlier = Case.objects.filter(
        screening__release=screening.release_id, screening__sha256=screening.sha256
    ).exclude(pk=case.pk)
    last = earlier.order_by("-opened_at", "-pk").first()
    heads = {head.id for head in heads_of(case, case_pack(day_of(at)))}
    for head, part in dossiers.parts_of(last).items() if last else ():
        if head in heads:
            _enter(case, head, part.values, part.documents, 1, by=FILTER, at=at)


@transaction.atomic
def submit_case(*, case: Case, by: Actor, at: datetime) -> Case:
    """Hand the file in. Raises Invalid with what is still missing, by head."""
    case = dossiers.lock_case(case)
    if refusal := rules.why_not_submit(by, case):
        raise NotAllowed(refusal)
    on = day_of(at)
    pack = case_pack(on)
    if missing := shortcomings(case, dossiers.said_in(case), pack, on=on):
        raise Invalid(missing)
    release = case.screening.release
    due = add_workdays(on, int(pack.data["workdays"]["decide"]))
    submitted = CaseSubmitted(
        case=case.reference,
        release=release.reference,
        product=release.product.reference,
        file_sha256=case.file_sha256,
        due_on=due.isoformat(),
    )
    advance(case, CASE.submit, event=submitted, by=by, at=at, **new_limit(due))
    return case


@transaction.atomic
def send_back_case(*, case: Case, reason: str, by: Actor, at: datetime) -> Case:
    """Ask the provider for more, with the reason; its time begins anew."""
    case = dossiers.lock_case(case)
    if refusal := rules.why_not_decide(by, case):
        raise NotAllowed(refusal)
    words = read_reason(reason)
    on = day_of(at)
    due = add_workdays(on, int(case_pack(on).data["workdays"]["file"]))
    release = case.screening.release
    sent_back = CaseSentBack(
        case=case.reference,
        release=release.reference,
        product=release.product.reference,
        reason_sha256=digest_of_text(words),
        due_on=due.isoformat(),
    )
    advance(case, CASE.send_back, event=sent_back, by=by, at=at, reason=words, **new_limit(due))
    return case


def new_limit(due: date) -> dict[str, Any]:
    """Return the columns of a time limit that begins; reminders of the earlier one are over."""
    return {"due_on": due, "reminded_on": None, "missed_on": None}


def read_document(
    *, case: Case, reference: str, purpose: str = "", by: Actor, at: datetime
) -> tuple[StoredObject, ObjectReader]:
    """Open a document of a case's file for who may read it, on record."""
    if refusal := rules.why_not_read_file(by, case):
        raise NotAllowed(refusal)
    if reference not in dossiers.documents_of(case):
        raise NotFound
    stored = StoredObject.objects.get(reference=reference)
    release = case.screening.release
    with transaction.atomic():
        read = CaseDocumentRead(
            object=reference,
            case=case.reference,
            release=release.reference,
            product=release.product.reference,
            purpose=purpose,
        )
        record(read, by=by, at=at)
    return stored, open_object(stored)


def _read(head: Head, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was filled in, in its own types; what is missing yet is missed at the end."""
    lenient = tuple(replace(field, required=False) for field in head.fields)
    read = read_values(lenient, values)
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in read.items()
        if value not in (None, "", [])
    }


def _documents(
    references: Sequence[str], before: FilePart | None, owner: str, most: int
) -> list[dict[str, Any]]:
    wanted = list(dict.fromkeys(references))
    if len(wanted) > most:
        raise Invalid({"documents": [_("At most %(count)d documents.") % {"count": most}]})
    there = {each["object"]: each for each in before.documents} if before else {}
    own = {
        each["object"]: each
        for each in own_documents(
            [reference for reference in wanted if reference not in there], owner, most
        )
    }
    return [there.get(reference) or own[reference] for reference in wanted]


def own_documents(references: Sequence[str], owner: str, most: int) -> list[dict[str, Any]]:
    """Return documents of an organization as a file names them; raises Invalid for others."""
    wanted = list(dict.fromkeys(references))
    if len(wanted) > most:
        raise Invalid({"documents": [_("At most %(count)d documents.") % {"count": most}]})
    rows = StoredObject.objects.filter(
        reference__in=wanted, owner=owner, purpose__in=DOCUMENTS, status=ObjectState.STORED
    )
    own = {row.reference: row for row in rows}
    unknown = [reference for reference in wanted if reference not in own]
    if unknown:
        words = _("There is no document %(reference)s of yours.")
        raise Invalid({"documents": [words % {"reference": each} for each in unknown]})
    return [
        {
            "object": row.reference,
            "sha256": row.sha256,
            "filename": row.filename,
            "size": row.size,
        }
        for row in (own[reference] for reference in wanted)
    ]
