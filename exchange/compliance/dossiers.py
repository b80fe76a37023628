"""Reading what belongs to a case: its file, its documents, its proposals, its time limit."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.rulebook.queries import day_of

from .heads import Said
from .models import Case, FilePart, Proposal
from .queries import WATCHERS
from .states import UNDECIDED, ProposalState


def overdue(rows: QuerySet[Case], at: datetime) -> QuerySet[Case]:
    """Return those of `rows` whose time limit is over."""
    return rows.filter(status__in=UNDECIDED, due_on__lt=day_of(at))


def proposals_visible_to(actor: Actor, case: Case) -> QuerySet[Proposal]:
    """Return the proposals of a case that an actor may read, the latest first.

    The provider reads what became a decision, not what those who decide think of each other's.
    """
    rows = Proposal.objects.filter(case=case).order_by("-proposed_at", "-pk")
    return rows if actor.has_role(*WATCHERS) else rows.filter(status=ProposalState.CONFIRMED)


def lock_case(case: Case) -> Case:
    """Return a case as it is now, under its row lock, with all that decisions ask for."""
    rows = Case.objects.select_related("screening__release__product__provider")
    return rows.select_for_update(of=("self",)).get(pk=case.pk)


def parts_of(case: Case) -> dict[str, FilePart]:
    """Return the newest version of every head of a case's file."""
    rows = FilePart.objects.filter(case=case).order_by("head", "number")
    return {part.head: part for part in rows}


def said_in(case: Case) -> dict[str, Said]:
    """Return what a case's file says now, by head."""
    return {
        head: Said(values=part.values, documents=part.documents)
        for head, part in parts_of(case).items()
    }


def documents_of(case: Case) -> set[str]:
    """Return the references of all documents that ever stood in a case's file or its appeals."""
    rows = [*case.parts.values_list("documents", flat=True)]
    rows += case.appeals.values_list("documents", flat=True)
    return {each["object"] for documents in rows for each in documents}


def digest_of_part(
    head: str, values: Mapping[str, Any], documents: Sequence[Mapping[str, Any]]
) -> str:
    """Return the digest of one version of a head."""
    shown = [{"object": each["object"], "sha256": each["sha256"]} for each in documents]
    said = {"head": head, "values": dict(values), "documents": shown}
    return hashlib.sha256(canonical(said)).hexdigest()


def digest_of_file(case: Case) -> str:
    """Return the digest of a case's whole file, computed from what stands in it now."""
    parts = {
        head: digest_of_part(head, part.values, part.documents)
        for head, part in parts_of(case).items()
    }
    return hashlib.sha256(canonical({"case": case.reference, "parts": parts})).hexdigest()


def proposal_of(case: Case) -> Proposal | None:
    """Return the latest proposal of a case, open or not."""
    return Proposal.objects.filter(case=case).order_by("-proposed_at", "-pk").first()
