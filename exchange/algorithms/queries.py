"""Reading sets, files and runs: what each caller may know of them."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q, QuerySet

from audit.log.actors import Actor
from audit.log.errors import NotFound

from .models import AlgorithmFile, EvaluationRun, EvaluationSet
from .states import FileKind, RunState, SetState

WATCHERS: Final = ("OPERATOR", "REGULATOR")


def sets_visible_to(actor: Actor) -> QuerySet[EvaluationSet]:
    """Return the sets whose description the actor may read: all, for whoever is identified.

    What is described are columns by name and kind; no query returns a value of a sealed row.
    """
    rows = EvaluationSet.objects.select_related("sealed_by")
    if actor.is_system or actor.organization:
        return rows
    return rows.none()


def get_set_for(actor: Actor, reference: str) -> EvaluationSet:
    """Return a set; NotFound for whoever may not know of it."""
    found = sets_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def sets_in_force() -> QuerySet[EvaluationSet]:
    """Return the sets on which algorithms are measured."""
    return EvaluationSet.objects.filter(status=SetState.SEALED).select_related("sealed_by")


def lock_set(evaluation_set: EvaluationSet) -> EvaluationSet:
    """Hold the row of a set and return it as it is now."""
    EvaluationSet.objects.select_for_update().values_list("pk").get(pk=evaluation_set.pk)
    return EvaluationSet.objects.select_related("sealed_by", "stored").get(pk=evaluation_set.pk)


def files_visible_to(actor: Actor) -> QuerySet[AlgorithmFile]:
    """Return what one's own organization handed in."""
    rows = AlgorithmFile.objects.select_related("organization", "stored")
    if actor.is_system:
        return rows
    if not actor.organization:
        return rows.none()
    return rows.filter(organization__reference=actor.organization)


def get_file_for(actor: Actor, reference: str, kind: FileKind | None = None) -> AlgorithmFile:
    """Return a file of one's own organization; NotFound otherwise."""
    rows = files_visible_to(actor)
    if kind is not None:
        rows = rows.filter(kind=kind)
    found = rows.filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def runs_visible_to(actor: Actor) -> QuerySet[EvaluationRun]:
    """Return one's own runs; those who watch see the runs on sealed sets, sealers those on theirs.

    A rehearsal is its owner's alone.
    """
    rows = EvaluationRun.objects.select_related(
        "disclosure", "evaluation_set__sealed_by", "own_rows", "training", "model_object"
    )
    if actor.is_system:
        return rows
    if not actor.organization:
        return rows.none()
    mine = Q(owner=actor.organization)
    if actor.has_role(*WATCHERS):
        return rows.filter(mine | Q(evaluation_set__isnull=False))
    return rows.filter(mine | Q(evaluation_set__sealed_by__reference=actor.organization))


def get_run_for(actor: Actor, reference: str) -> EvaluationRun:
    """Return a run; NotFound for whoever may not know of it."""
    found = runs_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def get_run(reference: str) -> EvaluationRun:
    """Return a run with all it needs, for the worker. Raises NotFound."""
    rows = EvaluationRun.objects.select_related(
        "disclosure",
        "evaluation_set__sealed_by",
        "evaluation_set__stored",
        "own_rows__stored",
        "training__stored",
        "model_object",
    )
    found = rows.filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def runs_counted(owner: str, evaluation_set: EvaluationSet, at: datetime) -> int:
    """Return how many runs of an owner on a set count towards the limit of probing.

    Not counted are those that told nothing: given up before they began, or failed by the exchange.
    """
    since = at - timedelta(days=settings.EVALUATION_RUNS_DAYS)
    rows = EvaluationRun.objects.filter(
        owner=owner, evaluation_set=evaluation_set, requested_at__gt=since
    )
    silent = Q(status=RunState.FAILED) | Q(status=RunState.CANCELLED, attempts=0)
    return rows.exclude(silent).count()


def runs_left(owner: str, evaluation_set: EvaluationSet, at: datetime) -> int:
    """Return how often an owner may still ask a set in the present period."""
    most: int = settings.EVALUATION_RUNS_MOST
    return max(most - runs_counted(owner, evaluation_set, at), 0)
