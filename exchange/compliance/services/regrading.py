"""When data has to be graded again, and what reviewers determine (GB/T 43697-2024, Annex J)."""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.rulebook.queries import day_of, get_pack
from exchange.catalog.models import Product, Release
from exchange.catalog.states import ReleaseState
from exchange.compliance import rules
from exchange.compliance.events import (
    DeterminationMade,
    DeterminationWithdrawn,
    RegradeClosed,
    RegradeOpened,
)
from exchange.compliance.models import Determination, Regrade, Screening
from exchange.compliance.states import (
    DETERMINATION,
    REGRADE,
    DeterminationKind,
    RegradeState,
    Trigger,
)

REASON_LIMIT = 2000


@transaction.atomic
def open_regrade(
    *, release: Release, trigger: str, reason: str, by: Actor, at: datetime
) -> Regrade:
    """Call for a new grading of a release; one that is owed for the same reason already stays.

    After the due day the release is not traded until it is graded again.
    """
    if refusal := rules.why_not_call_for_grading(by, release):
        raise NotAllowed(refusal)
    if trigger not in Trigger:
        raise Invalid({"trigger": [_("This is no trigger of Annex J.")]})
    words = _read(reason)
    owed = Regrade.objects.filter(release=release, trigger=trigger, status=RegradeState.DUE)
    if (found := owed.first()) is not None:
        return found
    review = get_pack("compliance", on=day_of(at)).data["review"]
    due = at + timedelta(days=int(review["triggers"][trigger]))
    regrade = Regrade.objects.create(
        reference=new_reference("RG", at),
        release=release,
        trigger=trigger,
        by_person=trigger in review["by_person"],
        reason=words,
        opened_by=by.id,
        opened_at=at,
        due_at=due,
    )
    opened = RegradeOpened(
        regrade=regrade.reference,
        release=release.reference,
        product=release.product.reference,
        trigger=trigger,
        due_at=due.isoformat(),
        reason_sha256=_digest(words),
    )
    begin(regrade, event=opened, by=by, at=at)
    return regrade


@transaction.atomic
def close_regrade(*, regrade: Regrade, reason: str, by: Actor, at: datetime) -> Regrade:
    """Say, as the watch, that the grading stands and why."""
    if refusal := rules.why_not_close_regrade(by, regrade):
        raise NotAllowed(refusal)
    _close(regrade, "", _read(reason), by, at)
    return regrade


def settle_regrades(screening: Screening, by: Actor, at: datetime) -> None:
    """Close what a screening that began after the call has answered."""
    owed = Regrade.objects.filter(
        release=screening.release,
        status=RegradeState.DUE,
        by_person=False,
        opened_at__lte=screening.created_at,
    )
    for regrade in owed.select_related("release__product").order_by("pk"):
        _close(regrade, screening.reference, screening.reference, by, at)


@transaction.atomic
def make_determination(
    *,
    product: Product,
    kind: str,
    reason: str,
    by: Actor,
    at: datetime,
    code: str = "",
    harm: tuple[str, str] | None = None,
) -> Determination:
    """Determine about a product what its content does not show; its releases are graded again."""
    if refusal := rules.why_not_determine(by, product):
        raise NotAllowed(refusal)
    words = _read(reason)
    pack = get_pack("compliance", on=day_of(at)).data
    _check_determination(kind, code, harm, pack)
    made = Determination.objects.create(
        reference=new_reference("DT", at),
        product=product,
        kind=kind,
        code=code,
        affected=harm[0] if harm else "",
        degree=harm[1] if harm else "",
        reason=words,
        made_by=by.id,
        made_for=by.organization,
        made_at=at,
    )
    said = DeterminationMade(
        determination=made.reference,
        product=product.reference,
        kind=kind,
        code=code,
        harm="/".join(harm or ()),
        reason_sha256=_digest(words),
    )
    begin(made, event=said, by=by, at=at)
    _grade_product_again(product, made.reference, by, at)
    return made


@transaction.atomic
def withdraw_determination(
    *, determination: Determination, reason: str, by: Actor, at: datetime
) -> Determination:
    """Take a determination back; the product's releases are graded again."""
    product = determination.product
    if refusal := rules.why_not_determine(by, product):
        raise NotAllowed(refusal)
    words = _read(reason)
    said = DeterminationWithdrawn(
        determination=determination.reference,
        product=product.reference,
        reason_sha256=_digest(words),
    )
    advance(determination, DETERMINATION.withdraw, event=said, by=by, at=at, withdrawn_at=at)
    _grade_product_again(product, determination.reference, by, at)
    return determination


def _grade_product_again(product: Product, reason: str, by: Actor, at: datetime) -> None:
    live = Release.objects.filter(product=product, status=ReleaseState.CLEARED)
    for release in live.select_related("product__provider").order_by("pk"):
        open_regrade(release=release, trigger=Trigger.REGULATOR, reason=reason, by=by, at=at)


def _check_determination(
    kind: str, code: str, harm: tuple[str, str] | None, pack: dict[str, dict[str, object]]
) -> None:
    problems: dict[str, list[str]] = {}
    if kind not in DeterminationKind:
        problems["kind"] = [_("This is nothing that is determined here.")]
    if kind == DeterminationKind.FACTOR and code not in pack["factors"]:
        problems["code"] = [_("Annex G has no such factor.")]
    if kind == DeterminationKind.CATALOG and not code.strip():
        problems["code"] = [_("Name the catalogue or the notice.")]
    matrix = pack["matrix"]
    known = harm is not None and harm[1] in (matrix.get(harm[0]) or {})  # type: ignore[operator]  # rows of the pack
    if (kind == DeterminationKind.IMPACT) != known:
        problems["harm"] = [_("Name object and degree of the harm, for a harm only.")]
    if problems:
        raise Invalid(problems)


def _close(regrade: Regrade, screening: str, words: str, by: Actor, at: datetime) -> None:
    closed = RegradeClosed(
        regrade=regrade.reference,
        release=regrade.release.reference,
        product=regrade.release.product.reference,
        screening=screening,
        reason_sha256=_digest(words),
    )
    advance(regrade, REGRADE.close, event=closed, by=by, at=at, screening=screening, closed_at=at)


def _read(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise Invalid({"reason": [_("Say why.")]})
    if len(words) > REASON_LIMIT:
        raise Invalid({"reason": [_("At most %(limit)s characters.") % {"limit": REASON_LIMIT}]})
    return words


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
