"""Verbs of the register: describe, file, supersede, withdraw, and record what was measured."""

import base64
import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, Invalid, NotAllowed, WrongState
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.services import record
from audit.log.signing import get_signer

from . import rules
from .events import (
    AccuracyMeasured,
    DisclosureDrafted,
    DisclosureFiled,
    DisclosureSuperseded,
    DisclosureWithdrawn,
)
from .measuring import SHA256, Metric
from .models import Disclosure, Measurement
from .statements import Statement
from .states import DISCLOSURE, DisclosureState

PLATFORM_FILES: Final = Path(__file__).parent / "platform"
DOCUMENT_VERSION: Final = 1


@transaction.atomic
def draft_disclosure(*, statement: Statement, owner: str, by: Actor, at: datetime) -> Disclosure:
    """Begin the next version of an algorithm's disclosure; nobody else sees a draft."""
    _check_statement(statement, owner, by)
    rows = Disclosure.objects.filter(owner=owner, algorithm=statement.algorithm)
    last = rows.aggregate(last=Max("version"))["last"] or 0
    disclosure = Disclosure(
        reference=new_reference("AD", at),
        algorithm=statement.algorithm,
        owner=owner,
        version=last + 1,
        drafted_at=at,
        **_columns(statement),
    )
    try:
        with transaction.atomic():
            disclosure.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("There is a draft of this algorithm's disclosure already.")) from error
    begin(disclosure, event=_drafted(disclosure), by=by, at=at)
    return disclosure


@transaction.atomic
def edit_disclosure(
    *, disclosure: Disclosure, statement: Statement, by: Actor, at: datetime
) -> Disclosure:
    """Change a draft; what was filed is never changed."""
    _check_statement(statement, disclosure.owner, by)
    if statement.algorithm != disclosure.algorithm:
        raise Invalid({"algorithm": [_("The key of a disclosure is not changed.")]})
    columns = _columns(statement)
    rows = Disclosure.objects.filter(pk=disclosure.pk, status=DisclosureState.DRAFT)
    if not rows.update(**columns):
        disclosure.refresh_from_db(fields=["status"])
        raise WrongState(
            subject=disclosure.reference,
            status=disclosure.status,
            allowed=DISCLOSURE.allowed(disclosure.status),
        )
    for name, value in columns.items():
        setattr(disclosure, name, value)
    record(_drafted(disclosure), by=by, at=at)
    return disclosure


@transaction.atomic
def file_disclosure(*, disclosure: Disclosure, by: Actor, at: datetime) -> Disclosure:
    """Sign a draft and put it in the public register; the version before it is superseded."""
    if refusal := rules.why_not_describe(by, disclosure.owner):
        raise NotAllowed(refusal)
    current = Disclosure.objects.filter(
        owner=disclosure.owner, algorithm=disclosure.algorithm, status=DisclosureState.FILED
    ).first()
    if current is not None:
        superseded = DisclosureSuperseded(
            disclosure=current.reference,
            organization=current.owner,
            algorithm=current.algorithm,
            number=current.version,
        )
        advance(
            current,
            DISCLOSURE.supersede,
            event=superseded,
            by=by,
            at=at,
            ended_at=at,
            end_reason=disclosure.reference,
        )
    signer = get_signer("disclosure")
    document = canonical(_document(disclosure, at))
    digest = hashlib.sha256(document).hexdigest()
    event = DisclosureFiled(
        disclosure=disclosure.reference,
        organization=disclosure.owner,
        algorithm=disclosure.algorithm,
        number=disclosure.version,
        statement_sha256=disclosure.statement_sha256,
        document_sha256=digest,
    )
    try:
        advance(
            disclosure,
            DISCLOSURE.file,
            event=event,
            by=by,
            at=at,
            filed_at=at,
            document=document.decode(),
            document_sha256=digest,
            signature=base64.b64encode(signer.sign(document)).decode(),
            signer=signer.verifier_key,
        )
    except IntegrityError as error:
        raise Conflict(_("Another version was filed at the same time.")) from error
    return disclosure


@transaction.atomic
def supersede_disclosure(
    *, disclosure: Disclosure, statement: Statement, by: Actor, at: datetime
) -> Disclosure:
    """File a new version in place of a filed one (《算法推荐管理规定》第二十四条: 变更)."""
    if statement.algorithm != disclosure.algorithm:
        raise Invalid({"algorithm": [_("The key of a disclosure is not changed.")]})
    if disclosure.status != DisclosureState.FILED:
        raise WrongState(
            subject=disclosure.reference,
            status=disclosure.status,
            allowed=DISCLOSURE.allowed(disclosure.status),
        )
    draft = draft_disclosure(statement=statement, owner=disclosure.owner, by=by, at=at)
    return file_disclosure(disclosure=draft, by=by, at=at)


@transaction.atomic
def withdraw_disclosure(
    *, disclosure: Disclosure, reason: str, by: Actor, at: datetime
) -> Disclosure:
    """Take an algorithm's disclosure out of the register; it stays readable with the reason."""
    if refusal := rules.why_not_describe(by, disclosure.owner):
        raise NotAllowed(refusal)
    if not reason.strip():
        raise Invalid({"reason": [_("A reason is needed.")]})
    event = DisclosureWithdrawn(
        disclosure=disclosure.reference,
        organization=disclosure.owner,
        algorithm=disclosure.algorithm,
        number=disclosure.version,
        reason=reason.strip(),
    )
    advance(
        disclosure,
        DISCLOSURE.withdraw,
        event=event,
        by=by,
        at=at,
        ended_at=at,
        end_reason=reason.strip(),
    )
    return disclosure


@transaction.atomic
def record_measurement(
    *,
    disclosure: Disclosure,
    metrics: Sequence[Metric],
    code_sha256: str,
    by: Actor,
    at: datetime,
) -> list[Measurement]:
    """Keep the figures of one run, with the data and the code they were measured on."""
    if refusal := rules.why_not_measure(by):
        raise NotAllowed(refusal)
    if not metrics:
        raise Invalid({"metrics": [_("A measurement has at least one figure.")]})
    if len({(metric.name, metric.dataset) for metric in metrics}) != len(metrics):
        raise Invalid({"metrics": [_("A figure is given twice for the same data.")]})
    if not SHA256.fullmatch(code_sha256):
        raise Invalid({"code_sha256": [_("The digest of the code is needed.")]})
    if not Disclosure.objects.filter(pk=disclosure.pk, status=DisclosureState.FILED).exists():
        raise Conflict(_("Accuracy is recorded on a filed disclosure only."))
    run = new_reference("M", at)
    rows = [
        Measurement(
            run=run,
            disclosure=disclosure,
            position=position,
            metric=metric.name,
            value=metric.value,
            ci_low=metric.ci_low,
            ci_high=metric.ci_high,
            n=metric.n,
            dataset=metric.dataset,
            dataset_sha256=metric.dataset_sha256,
            note=metric.note,
            code_sha256=code_sha256,
            measured_at=at,
        )
        for position, metric in enumerate(metrics)
    ]
    Measurement.objects.bulk_create(rows)
    results = canonical({"metrics": [asdict(metric) for metric in metrics]})
    event = AccuracyMeasured(
        measurement=run,
        disclosure=disclosure.reference,
        algorithm=disclosure.algorithm,
        metrics=len(rows),
        code_sha256=code_sha256,
        results_sha256=hashlib.sha256(results).hexdigest(),
    )
    record(event, by=by, at=at)
    return rows


def read_platform_statements() -> list[Statement]:
    """Read what the platform says of its own algorithms from `platform/*.toml`."""
    return [
        Statement.from_document(tomllib.loads(file.read_text(encoding="utf-8")))
        for file in sorted(PLATFORM_FILES.glob("*.toml"))
    ]


@transaction.atomic
def file_platform_disclosures(*, by: Actor, at: datetime) -> list[Disclosure]:
    """File every disclosure of the platform whose text is new or changed; return those filed."""
    filed = []
    for statement in read_platform_statements():
        current = Disclosure.objects.filter(
            owner="", algorithm=statement.algorithm, status=DisclosureState.FILED
        ).first()
        if current is not None and current.statement_sha256 == statement.sha256:
            continue
        draft = draft_disclosure(statement=statement, owner="", by=by, at=at)
        filed.append(file_disclosure(disclosure=draft, by=by, at=at))
    return filed


def _check_statement(statement: Statement, owner: str, by: Actor) -> None:
    if refusal := rules.why_not_describe(by, owner):
        raise NotAllowed(refusal)
    if faults := rules.faults_of_statement(statement):
        raise Invalid(faults)


def _columns(statement: Statement) -> dict[str, Any]:
    document = statement.as_document()
    return {
        "algorithm_type": document["algorithm_type"],
        "statement": document["texts"],
        "metrics": document["metrics"],
        "declared": document["declared"],
        "products": document["products"],
        "statement_sha256": statement.sha256,
    }


def _document(disclosure: Disclosure, at: datetime) -> dict[str, Any]:
    return {
        "type": "algorithm-disclosure",
        "v": DOCUMENT_VERSION,
        "reference": disclosure.reference,
        "algorithm": disclosure.algorithm,
        "algorithm_type": disclosure.algorithm_type,
        "owner": disclosure.owner,
        "version": disclosure.version,
        "texts": disclosure.statement,
        "metrics": disclosure.metrics,
        "declared": disclosure.declared,
        "products": disclosure.products,
        "statement_sha256": disclosure.statement_sha256,
        "filed_at": at.isoformat(),
    }


def _drafted(disclosure: Disclosure) -> DisclosureDrafted:
    return DisclosureDrafted(
        disclosure=disclosure.reference,
        organization=disclosure.owner,
        algorithm=disclosure.algorithm,
        number=disclosure.version,
        statement_sha256=disclosure.statement_sha256,
    )
