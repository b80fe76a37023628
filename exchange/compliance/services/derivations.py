"""Derived releases: ordered by the provider, made by a worker, screened like any upload.

Making takes long and runs outside of any transaction. What comes of it — objects, release, its
submission to the filter, and the derivation's own end — is entered in one: a worker that is killed
leaves a derivation RUNNING, which is taken up again, and never half a release.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from audit.log.actors import Actor, ActorKind
from audit.log.errors import Conflict, DomainError, Invalid, NotAllowed, WrongState
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.rulebook.queries import day_of, get_pack
from exchange.catalog.models import Product, Release
from exchange.catalog.services import enter_derived
from exchange.compliance import rules
from exchange.compliance.events import (
    DerivationFailed,
    DerivationFinished,
    DerivationInterrupted,
    DerivationRequested,
    DerivationStarted,
)
from exchange.compliance.models import Derivation
from exchange.compliance.queries import finished_screening
from exchange.compliance.recipes import FAULTS, in_words, marks_of, preset_for, recipe_for
from exchange.compliance.remedies import (
    VERSION,
    Derived,
    Recipe,
    RecipeFault,
    Redactor,
    Tools,
    derive_parquet,
    read_recipe,
    recipe_sha256,
    write_recipe,
)
from exchange.compliance.remedies.proposing import Plan
from exchange.compliance.scanning import lexicon_of
from exchange.compliance.states import DERIVATION, DerivationState
from exchange.vault.formats.limits import Limits
from exchange.vault.reading import Unreadable
from exchange.vault.services import Ingested, discard_ingested, plaintext_copy, prepare_file
from exchange.vault.services.objects import workdir

from .pseudonyms import key_of, passing_key

logger = logging.getLogger(__name__)

SILENCE = timedelta(minutes=10)
"""After so long without a sign of life a derivation counts as interrupted."""
MOST_ATTEMPTS = 3
MOST_UNFINISHED = 3
"""So many derivations of one product may be in the making at a time."""
UNEXPECTED = "unexpected"
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class _Made:
    """What the work outside of the transaction brought."""

    derived: Derived
    ingested: Ingested


@transaction.atomic
def request_derivation(
    *,
    release: Release,
    recipe: Mapping[str, Any] | None = None,
    preset: str = "",
    product: Product | None = None,
    by: Actor,
    at: datetime,
) -> Derivation:
    """Order a derived release by a recipe or by a preset; a worker makes it.

    It becomes the next release of the same product, or of another of the provider's. Raises
    Invalid for a recipe that does not fit the table.
    """
    target = product or release.product
    if refusal := rules.why_not_derive(by, release, target):
        raise NotAllowed(refusal)
    if bool(recipe) == bool(preset):
        raise Invalid({"recipe": [_("Give a recipe or a preset, one of the two.")]})
    chosen = recipe_for(release, recipe or _preset(release, preset, at))
    waiting = Derivation.objects.filter(
        source__product=release.product,
        status__in=[DerivationState.QUEUED, DerivationState.RUNNING],
    )
    if waiting.count() >= MOST_UNFINISHED:
        raise Conflict(_("Several releases are being derived of this product; wait for one."))
    digest = recipe_sha256(chosen)
    derivation = Derivation.objects.create(
        reference=new_reference("DV", at),
        source=release,
        product=target,
        kind=chosen.derived_kind,
        preset=preset,
        recipe=write_recipe(chosen),
        recipe_sha256=digest,
        source_sha256=release.sha256,
        requested_by=by.id,
        rows_total=release.rows,
        created_at=at,
    )
    requested = DerivationRequested(
        derivation=derivation.reference,
        release=release.reference,
        products=f"{release.product.reference},{target.reference}",
        organization=release.product.provider.reference,
        kind=derivation.kind,
        recipe_sha256=digest,
        source_sha256=release.sha256,
    )
    begin(derivation, event=requested, by=by, at=at)
    return derivation


def propose_derivation(
    *, release: Release, preset: str, by: Actor, at: datetime
) -> tuple[Plan, Recipe | None]:
    """Return what would make a release compliant under a preset, and the recipe for it.

    There is no recipe where nothing has to be done, or no column to form groups by.
    """
    if refusal := rules.why_not_derive(by, release, release.product):
        raise NotAllowed(refusal)
    plan = _plan(release, preset, at)
    recipe = plan.recipe(day_of(at))
    fits = recipe.steps and (preset != "STATISTICS" or recipe.aggregate)
    return plan, recipe if fits else None


def carry_out_derivation(*, derivation: Derivation, clock: Clock) -> Derivation:
    """Make a queued derivation; whatever fails ends it, and nothing of it is kept."""
    attempt = derivation.attempts + 1
    worker = worker_for(derivation)
    started = DerivationStarted(**_named(derivation), tool=VERSION, attempt=attempt)
    changes = {"attempts": attempt, "heartbeat_at": Now(), "rows_done": 0, "tool": VERSION}
    advance(derivation, DERIVATION.start, event=started, by=worker, at=clock(), **changes)
    try:
        made = _make(derivation, worker, clock())
        return _finish(derivation, made, worker, clock())
    except WrongState:
        raise
    except Exception as error:
        words, reason = _told(error)
        if reason == UNEXPECTED:
            logger.exception("derivation %s failed", derivation.reference)
        return _fail(derivation, words, reason, clock())


def resume_derivations(*, at: datetime) -> int:
    """Put derivations back into the queue whose worker fell silent; give up after some attempts."""
    silent = Derivation.objects.filter(
        status=DerivationState.RUNNING, heartbeat_at__lt=at - SILENCE
    )
    count = 0
    for derivation in silent.select_related("source__product__provider", "product"):
        count += 1
        if derivation.attempts >= MOST_ATTEMPTS:
            _fail(derivation, _("It was interrupted several times."), "interrupted", at)
            continue
        interrupted = DerivationInterrupted(**_named(derivation), attempt=derivation.attempts)
        worker = worker_for(derivation)
        advance(derivation, DERIVATION.resume, event=interrupted, by=worker, at=at)
    return count


def derivations_to_hand_out(*, at: datetime) -> list[str]:
    """Return the references of derivations that were queued some time ago and not begun."""
    waiting = Q(created_at__lt=at - SILENCE) | Q(attempts__gt=0)
    queued = Derivation.objects.filter(waiting, status=DerivationState.QUEUED)
    return list(queued.order_by("pk").values_list("reference", flat=True))


def tools_for(
    recipe: Recipe, product: Product, *, by: Actor, at: datetime, passing: bool = False
) -> Tools:
    """Return what a recipe needs: the key of its pseudonyms, and who finds persons in text.

    With `passing`, or where the recipe says so, the key is made for this once and forgotten.
    """
    key = redact = None
    if recipe.needs_key:
        shared = recipe.key == "PRODUCT" and not passing
        key = key_of(product=product, by=by, at=at) if shared else passing_key()
    if recipe.needs_spans:
        pack = get_pack("compliance", on=day_of(at))
        redact = Redactor(lexicon_of(pack, day_of(at)), marks_of(pack, "zh"))
    return Tools(key=key, redact=redact)


def worker_for(derivation: Derivation) -> Actor:
    """Return in whose name the work is done: the platform's, for whoever ordered it."""
    return Actor(
        kind=ActorKind.SYSTEM,
        id="system:remedies",
        organization=derivation.source.product.provider.reference,
        on_behalf_of=derivation.requested_by,
    )


def _plan(release: Release, preset: str, at: datetime) -> Plan:
    screening = finished_screening(release)
    if screening is None:
        raise NotAllowed(_("The filter has not read this release yet."))
    return preset_for(release, screening, get_pack("compliance", on=day_of(at)), preset)


def _preset(release: Release, preset: str, at: datetime) -> Mapping[str, Any]:
    plan = _plan(release, preset, at)
    if preset == "STATISTICS" and not plan.choices.by:
        raise Invalid({"preset": [str(FAULTS["no-group"])]})
    return write_recipe(plan.recipe(day_of(at)))


def _make(derivation: Derivation, worker: Actor, at: datetime) -> _Made:
    """Read the source, write the derived table, and read it in like any upload."""
    recipe = read_recipe(derivation.recipe)
    source = derivation.source
    if refusal := rules.why_not_derivable(source):
        raise NotAllowed(refusal)
    tools = tools_for(recipe, derivation.product, by=worker, at=at)

    def tell(done: int, total: int | None, stage: str) -> None:
        Derivation.objects.filter(pk=derivation.pk).update(
            rows_done=done, rows_total=total or 0, stage=stage[:24], heartbeat_at=Now()
        )

    with ExitStack() as stack:
        parquet = stack.enter_context(plaintext_copy(source.table))
        folder = stack.enter_context(workdir())
        target = folder / "derived.parquet"
        derived = derive_parquet(parquet, target, recipe, tools, progress=tell)
        if derived.rows_in != source.rows:
            message = f"{derived.rows_in} rows were read of {source.rows}"
            raise ValueError(message)
        if not derived.rows_out:
            raise Invalid({"recipe": [_("No row would be left of the table.")]})
        file = stack.enter_context(target.open("rb"))
        ingested = prepare_file(
            source=file,
            filename=f"{Path(source.filename).stem}.{derivation.reference}.parquet",
            owner=source.product.provider.reference,
            by=worker,
            at=at,
            progress=tell,
            limits=_limits(target),
        )
    return _Made(derived, ingested)


def _limits(target: Path) -> Limits:
    """Return the bounds for a file of our own making: it may unfold as far as it does."""
    limits = Limits(bytes=max(settings.UPLOAD_MAX_BYTES, target.stat().st_size))
    return limits.but(expansion_from=limits.decoded)


def _finish(derivation: Derivation, made: _Made, worker: Actor, at: datetime) -> Derivation:
    try:
        return _enter(derivation, made, worker, at)
    except BaseException:
        discard_ingested(made.ingested)
        raise


@transaction.atomic
def _enter(derivation: Derivation, made: _Made, worker: Actor, at: datetime) -> Derivation:
    source, target = derivation.source, derivation.product
    words = _("Derived of release %(source)s, %(derivation)s.")
    release = enter_derived(
        product=target,
        ingested=made.ingested,
        changelog=words % {"source": source.reference, "derivation": derivation.reference},
        by=worker,
        at=at,
    )
    finished = DerivationFinished(
        derivation=derivation.reference,
        releases=f"{source.reference},{release.reference}",
        products=f"{source.product.reference},{target.reference}",
        organization=source.product.provider.reference,
        kind=derivation.kind,
        recipe_sha256=derivation.recipe_sha256,
        source_sha256=derivation.source_sha256,
        result_sha256=release.sha256,
        rows_in=made.derived.rows_in,
        rows_out=made.derived.rows_out,
        tool=VERSION,
    )
    advance(
        derivation,
        DERIVATION.finish,
        event=finished,
        by=worker,
        at=at,
        result=release,
        result_sha256=release.sha256,
        rows_in=made.derived.rows_in,
        rows_out=made.derived.rows_out,
        figures=figures_of(made.derived),
        finished_at=at,
    )
    return derivation


def figures_of(derived: Derived) -> dict[str, Any]:
    """Return what is kept and shown of a derivation's figures."""
    return {
        "filtered": derived.filtered,
        "suppressed": derived.suppressed,
        "in_small_groups": derived.in_small_groups,
        "k_before": derived.k_before,
        "k_after": derived.k_after,
        "groups": derived.groups,
        "columns": list(derived.columns),
        "emptied": dict(derived.emptied),
    }


def _fail(derivation: Derivation, failure: str, reason: str, at: datetime) -> Derivation:
    """End a derivation; the log says the kind of the failure only."""
    failed = DerivationFailed(**_named(derivation), reason=reason[:200])
    advance(
        derivation,
        DERIVATION.fail,
        event=failed,
        by=worker_for(derivation),
        at=at,
        failure=failure[:4000] or reason,
        finished_at=at,
    )
    return derivation


def _named(derivation: Derivation) -> dict[str, str]:
    return {
        "derivation": derivation.reference,
        "release": derivation.source.reference,
        "product": derivation.product.reference,
    }


def _told(error: Exception) -> tuple[str, str]:
    """Return what went wrong in words for the provider, and its kind for the log."""
    match error:
        case RecipeFault():
            return " ".join(
                text for texts in in_words(error).values() for text in texts
            ), error.what
        case Unreadable():
            return str(error), str(error.code)
        case Invalid():
            texts = (str(text) for texts in error.fields.values() for text in texts)
            return " ".join(texts), error.code
        case DomainError():
            return str(error), error.code
    return type(error).__name__, UNEXPECTED
