"""Records of algorithms in evidence bundles: which, for whom, and that they are proved offline."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.decisions.models import Decision
from audit.decisions.services import override_decision
from audit.disclosure.models import Disclosure, EvaluationReport
from audit.log.actors import Actor
from audit.log.errors import NotFound
from audit.log.models import Entry
from exchange.algorithms import queries as algorithms
from exchange.algorithms import services as measuring
from exchange.algorithms.models import EvaluationSet
from exchange.audits.models import AlgorithmAppeal, AlgorithmAudit, AuditFinding
from exchange.audits.services import lodge_appeal
from exchange.oversight.evidence import services
from exchange.oversight.models import EvidenceBundle
from exchange.oversight.surveillance.models import Alert
from exchange.oversight.surveillance.services import escalate_alert, take_up_alert
from tests.algorithms import making
from tests.appraisers.making import make_assessor
from tests.audits.making import FOUND, auditing, ordered, reported
from tests.decisions.making import decide
from tests.surveillance.making import make_alert
from tests.trading.making import Floor
from verify.errors import VerificationError

from .test_evidence import checked, content, made
from .test_forged_bundles import forged

SAID: dict[str, Any] = {
    "wish": "HUMAN_REVIEW",
    "grounds": "The loan was never mine.",
    "name": "王小明",
    "contact": "wang@example.org",
}
NEW = frozenset(
    {
        "evaluation",
        "evaluation_set",
        "algorithm_audit",
        "audit_finding",
        "algorithm_appeal",
        "alert",
    }
)
pytestmark = pytest.mark.runtime
Files = dict[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Records:
    """One of each: of an algorithm of the provider's, and of a trade of the floor's product."""

    disclosure: Disclosure
    evaluation_set: EvaluationSet
    report: EvaluationReport
    audit: AlgorithmAudit
    finding: AuditFinding
    appeal: AlgorithmAppeal
    decision: Decision
    alert: Alert
    secret: str


@pytest.fixture
def auditor(db: None, at: datetime) -> Actor:
    return make_assessor("assessor", at)[1]


@pytest.fixture
def records(
    floor: Floor,
    provider: Actor,
    buyer: Actor,
    regulator: Actor,
    operator: Actor,
    auditor: Actor,
    at: datetime,
) -> Records:
    disclosure = making.published(provider, at)
    evaluation_set = making.sealed(regulator, at)
    run = making.requested(disclosure, evaluation_set, making.handed_in(provider, at), provider, at)
    measuring.run_evaluation(run=algorithms.get_run(run.reference), clock=lambda: at)
    audit = ordered(disclosure, auditing(auditor, operator, at), provider, at)
    finding = reported(audit, auditor, at, FOUND).findings.get()
    decision = decide(at, subject=("product", floor.product.reference))
    said = SAID | {"decision": decision.reference}
    lodged = lodge_appeal(disclosure=decision.disclosure, said=said, by=Actor.anonymous(), at=at)
    alert = make_alert(
        organizations=[provider.organization, buyer.organization],
        products=(floor.product.reference,),
        at=at,
    )
    return Records(
        disclosure=disclosure,
        evaluation_set=evaluation_set,
        report=EvaluationReport.objects.get(),
        audit=audit,
        finding=finding,
        appeal=lodged.appeal,
        decision=decision,
        alert=alert,
        secret=lodged.secret,
    )


def taken(by: Actor, at: datetime, **request: Any) -> bytes:
    asked = services.request_bundle(purpose="test", by=by, at=at, **request)
    return content(made(asked, at), by, at)


def held(data: bytes) -> set[tuple[str, str]]:
    """Return kind and reference of every document."""
    manifest = json.loads(zipfile.ZipFile(io.BytesIO(data)).read("manifest.json"))
    signatures = ("signatures", "guide")
    return {
        (row["what"], row["reference"])
        for row in manifest["files"]
        if "reference" in row and row["what"] not in signatures
    }


def text_of(data: bytes) -> bytes:
    archive = zipfile.ZipFile(io.BytesIO(data))
    return b"\n".join(archive.read(name) for name in archive.namelist())


def document(data: bytes, what: str, reference: str) -> dict[str, Any]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    found: dict[str, Any] = json.loads(archive.read(f"documents/{what}-{reference}.json"))
    return found


def test_a_bundle_of_an_algorithm_holds_its_records_and_proves_them(
    records: Records, regulator: Actor, operator: Actor, at: datetime
) -> None:
    appealed = lodge_appeal(disclosure=records.disclosure, said=SAID, by=Actor.anonymous(), at=at)
    data = taken(regulator, at, kind="ALGORITHM", subject=records.disclosure.reference)

    report = checked(data)

    of_algorithms = {each for each in held(data) if each[0] in NEW}
    assert of_algorithms == {
        ("evaluation", records.report.reference),
        ("evaluation_set", records.evaluation_set.reference),
        ("algorithm_audit", records.audit.reference),
        ("audit_finding", records.finding.reference),
        ("algorithm_appeal", appealed.appeal.reference),
    }
    assert report.held.in_log == report.held.documents
    assert report.held.signatures == 3  # disclosure, evaluation, audit
    assert f"algorithm {records.disclosure.reference}" in report.proved
    archive = zipfile.ZipFile(io.BytesIO(data))
    names = {
        json.loads(archive.read(name))["type"]
        for name in archive.namelist()
        if name.startswith("entries/")
    }
    assert {
        "disclosure.published",
        "algorithms.set.sealed",
        "algorithms.run.finished",
        "disclosure.evaluated",
        "audits.audit.begun",
        "audits.audit.reported",
        "audits.finding.raised",
        "audits.appeal.lodged",
    } <= names


def test_no_row_no_salt_and_no_word_of_a_person_is_in_a_bundle(
    records: Records, regulator: Actor, at: datetime
) -> None:
    product = records.decision.subject
    for request in (
        {"kind": "ALGORITHM", "subject": records.disclosure.reference},
        {"kind": "PRODUCT", "subject": product},
    ):
        data = taken(regulator, at, **request)
        words = text_of(data)

        assert records.evaluation_set.commitment.encode() in words
        for secret in (records.evaluation_set.salt, records.secret, *SAID.values()):
            if secret != SAID["wish"]:
                assert str(secret).encode() not in words, secret
    found = document(data, "evaluation_set", records.evaluation_set.reference)
    assert set(found) == {
        "type", "reference", "sealed_by", "sealed_at", "task", "rows", "sha256", "commitment",
        "status", "retired_at",
    }  # fmt: skip


WHO = ("regulator", "operator", "provider", "buyer")
SEEN: dict[str, tuple[bool, bool, bool, bool]] = {
    "evaluation": (True, True, True, True),  # public in the register
    "evaluation_set": (True, True, True, True),  # described to every member
    "algorithm_audit": (True, True, True, False),
    "audit_finding": (True, True, True, False),
    "algorithm_appeal": (True, True, False, False),  # against an algorithm of the exchange
    "decision": (True, True, True, False),
    "alert": (True, True, False, False),  # nobody escalated it
}


@pytest.mark.parametrize("place", range(len(WHO)), ids=WHO)
def test_what_the_requester_may_not_read_is_not_in_it(
    place: int, records: Records, floor: Floor, request: pytest.FixtureRequest, at: datetime
) -> None:
    order = floor.place()
    by = request.getfixturevalue(WHO[place])
    of_product = {"kind": "PRODUCT", "subject": floor.product.reference}
    of_order = {"kind": "ORDER", "subject": order.reference}

    data = taken(by, at, **(of_order if WHO[place] == "buyer" else of_product))

    checked(data)
    one_of_each = {
        "evaluation": records.report,
        "evaluation_set": records.evaluation_set,
        "algorithm_audit": records.audit,
        "audit_finding": records.finding,
        "algorithm_appeal": records.appeal,
        "decision": records.decision,
        "alert": records.alert,
    }
    found = held(data)
    seen = {what: (what, str(row)) in found for what, row in one_of_each.items()}
    assert seen == {what: row[place] for what, row in SEEN.items()}
    words = text_of(data)
    for what, is_seen in seen.items():
        if what in {"algorithm_audit", "audit_finding", "algorithm_appeal", "alert"}:
            assert (str(one_of_each[what]).encode() in words) is is_seen, what


def test_who_is_watched_reads_of_an_alert_once_told_and_then_of_nobody_else(
    records: Records,
    provider: Actor,
    buyer: Actor,
    regulator: Actor,
    operator: Actor,
    at: datetime,
) -> None:
    alert = records.alert
    own = {"kind": "ORGANIZATION", "subject": provider.organization}
    for request in (own, {"kind": "PRODUCT", "subject": records.decision.subject}):
        assert alert.reference.encode() not in text_of(taken(provider, at, **request))
    take_up_alert(alert=alert, by=operator, at=at)
    alert.refresh_from_db()
    escalate_alert(alert=alert, reason="A case.", by=operator, at=at)

    theirs = taken(provider, at, **own)
    watched = taken(regulator, at, **own)

    assert checked(theirs).held.in_log >= 1
    told = document(theirs, "alert", alert.reference)
    assert told == {
        "type": "quanheng.alert-told.v1",
        "reference": alert.reference,
        "rule": alert.rule,
        "organization": provider.organization,
        "status": "ESCALATED",
        "outcome": "",
    }
    assert b"surveillance.alert.raised" not in text_of(theirs)
    assert buyer.organization.encode() not in text_of(theirs)
    whole = document(watched, "alert", alert.reference)
    assert ["organization", buyer.organization] in whole["subjects"]


def test_an_algorithm_is_taken_by_its_owner_and_the_watch_only(
    records: Records, provider: Actor, buyer: Actor, stranger: Actor, auditor: Actor, at: datetime
) -> None:
    subject = records.disclosure.reference
    for by in (buyer, stranger, auditor):
        with pytest.raises(NotFound):
            taken(by, at, kind="ALGORITHM", subject=subject)
    with pytest.raises(NotFound):  # one of the exchange's own
        taken(provider, at, kind="ALGORITHM", subject=records.decision.disclosure.reference)
    assert not EvidenceBundle.objects.exists()

    data = taken(provider, at, kind="ALGORITHM", subject=subject)

    checked(data)
    kinds = {what for what, _reference in held(data)}
    assert {"disclosure", "evaluation", "algorithm_audit", "audit_finding"} <= kinds


def test_what_an_algorithm_did_to_others_is_not_of_it(
    records: Records, regulator: Actor, at: datetime
) -> None:
    watching = Disclosure.objects.get(algorithm="surveillance")
    told = Entry.objects.filter(refs__kind="disclosure", refs__reference=watching.reference)
    assert "surveillance.alert.raised" in told.values_list("name", flat=True)

    data = taken(regulator, at, kind="ALGORITHM", subject=watching.reference)

    checked(data)
    assert {what for what, _reference in held(data)} & {"alert", "appraisal"} == set()
    assert b"surveillance.alert.raised" not in text_of(data)


def test_of_an_algorithms_decisions_those_that_people_looked_at_again(
    records: Records, regulator: Actor, operator: Actor, at: datetime
) -> None:
    other = decide(at, subject=("order", "O-1"))
    untouched = decide(at, subject=("order", "O-2"))
    override_decision(decision=other, reason="Wrong.", outcome="none", by=operator, at=at)

    data = taken(regulator, at, kind="ALGORITHM", subject=records.decision.disclosure.reference)

    checked(data)
    decisions = {reference for what, reference in held(data) if what == "decision"}
    assert decisions == {records.decision.reference, other.reference}
    assert untouched.reference.encode() not in text_of(data)
    found = document(data, "decision", other.reference)
    assert found["disclosure"] == records.decision.disclosure.reference
    assert found["explanation"] == other.explanation
    assert b"decision.overridden" in text_of(data)


def test_what_came_after_the_request_is_not_in_it(
    records: Records, floor: Floor, regulator: Actor, at: datetime
) -> None:
    asked = services.request_bundle(
        kind="PRODUCT", subject=floor.product.reference, purpose="test", by=regulator, at=at
    )
    later = make_alert(
        organizations=["ORG-PROVIDER"],
        products=(floor.product.reference,),
        at=at + timedelta(days=1),
    )

    data = content(made(asked, at), regulator, at)

    assert ("alert", records.alert.reference) in held(data)
    assert later.reference.encode() not in text_of(data)


def changed(what: str, name: str, value: object) -> Callable[[Files, Any], None]:
    """Return what writes another value into a document in words, canonically."""

    def change(files: Files, _manifest: Any) -> None:
        papers = (each for each in files if each.startswith(f"documents/{what}-"))
        (path,) = (each for each in papers if not each.endswith(".signatures.json"))
        found = json.loads(files[path])
        assert name in found
        text = json.dumps(found | {name: value}, sort_keys=True, separators=(",", ":"))
        files[path] = text.encode()

    return change


FORGED = [
    ("evaluation_set", "commitment", "0" * 64),
    ("evaluation_set", "rows", 1),
    ("algorithm_appeal", "wish", "EXPLANATION"),
    ("algorithm_appeal", "decision", ""),
    ("alert", "subjects", [["organization", "ORG-STRANGER"]]),
    ("alert", "rule", "R-OTHER"),
    ("audit_finding", "severity", "MINOR"),
    ("algorithm_audit", "opinion", "SOUND"),
    ("evaluation", "owner", "ORG-STRANGER"),
]


def test_a_document_changed_by_the_holder_of_the_logs_key_is_refuted(
    records: Records, floor: Floor, regulator: Actor, at: datetime
) -> None:
    data = taken(regulator, at, kind="PRODUCT", subject=floor.product.reference)
    checked(forged(data, lambda _files, _manifest: None))

    for what, name, value in FORGED:
        with pytest.raises(VerificationError, match=f"documents/{what}-"):
            checked(forged(data, changed(what, name, value)))


def test_the_guide_names_the_parts_in_both_languages(
    records: Records, floor: Floor, regulator: Actor, at: datetime
) -> None:
    data = taken(regulator, at, kind="PRODUCT", subject=floor.product.reference)
    archive = zipfile.ZipFile(io.BytesIO(data))
    said = {
        "README.html": ("audit report on an algorithm", "commitment of a sealed evaluation set"),
        "README.zh.html": ("算法审计报告", "封存评测集的承诺值"),
    }

    for name, words in said.items():
        page = archive.read(name).decode()
        for each in words:
            assert each in page, (name, each)
        for what in sorted(NEW):
            assert f"documents/{what}-" in page, (name, what)
