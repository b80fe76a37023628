"""Cases, appeals, gradings, packs, runs, derivations, papers, seals: in bundles and replay."""

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.models import EntryRef
from audit.log.reactions import dispatch
from audit.retention.queries import holds_on
from audit.retention.services import place_hold
from audit.rulebook.models import RuleDraft
from exchange.compliance import services
from exchange.compliance.models import (
    Appeal,
    Case,
    Derivation,
    Determination,
    ExportFiling,
    Proposal,
    Regrade,
    Rescreening,
    Screening,
)
from exchange.oversight.evidence.services import request_bundle
from exchange.oversight.reconciliation import reconcile
from exchange.parties.models import Organization
from exchange.vault.models import StoredObject
from tests.compliance.export.papers import make_verified
from tests.compliance.filing import CONDITIONS, decided, filed, second_operator
from tests.compliance.making import CORE, IMPORTANT, PERSONAL, PSEUDONYMOUS, product_of, submitted
from tests.rulebook.making import NO_DECLARATION, published
from tests.trading.making import tampering

from .test_evidence import checked, content, made

__all__ = ["second_operator"]
AUDITOR = Actor.system("reconciliation")
FILTER = Actor.system("compliance")
KINDS: dict[str, tuple[Any, str]] = {
    "case": (Case, "CLOSED"),
    "proposal": (Proposal, "DECLINED"),
    "appeal": (Appeal, "WITHDRAWN"),
    "screening": (Screening, "FAILED"),
    "determination": (Determination, "WITHDRAWN"),
    "regrade": (Regrade, "DONE"),
    "derivation": (Derivation, "RUNNING"),
    "filing": (ExportFiling, "REVOKED"),
    "rule_draft": (RuleDraft, "DRAFT"),
    "rescreening": (Rescreening, "CANCELLED"),
    "object": (StoredObject, "STORED"),
}
"""Each kind of record with the state that somebody wishes it were in."""
IN_PRODUCT = sorted({*KINDS} - {"rule_draft", "filing"})


@dataclass(frozen=True, kw_only=True)
class Market:
    """Everything once: references of one record of each kind, and of the products."""

    kinds: dict[str, str]
    product: str
    core: str
    at: datetime


@pytest.fixture
def market(
    provider_org: Organization,
    buyer_org: Organization,
    provider: Actor,
    operator: Actor,
    regulator: Actor,
    colleague: Actor,
    second_operator: Actor,
    at: datetime,
) -> Market:
    """A provider whose releases went every way that the filter and its desk know."""
    product = product_of(provider_org, provider, at, personal_basis="DEIDENTIFIED")
    passed = submitted(product, provider, at, PSEUDONYMOUS)
    services.screen_release(release=passed, by=FILTER, at=at)

    stopped = submitted(product, provider, at, PERSONAL)
    screening = services.screen_release(release=stopped, by=FILTER, at=at)
    appeal = services.lodge_appeal(
        screening=screening, wish="RESCREEN", grounds="Not persons.", by=provider, at=at
    )
    stopped.refresh_from_db()
    derivation = services.request_derivation(
        release=stopped,
        recipe={"steps": [{"do": "drop", "column": "姓名"}]},
        product=product_of(provider_org, provider, at),
        by=provider,
        at=at,
    )
    services.carry_out_derivation(derivation=derivation, clock=lambda: at)
    waiting = services.request_derivation(
        release=stopped,
        recipe={"steps": [{"do": "drop", "column": "身份证号"}]},
        by=provider,
        at=at,
    )

    graded = submitted(product, provider, at, IMPORTANT)
    case = services.screen_release(release=graded, by=FILTER, at=at).case
    decided(
        filed(case, provider, at),
        operator,
        regulator,
        at,
        conditions={**CONDITIONS, "recipients": [buyer_org.reference], "channels": ["SANDBOX"]},
    )

    secret = product_of(provider_org, provider, at)
    sealed = submitted(secret, provider, at, CORE)
    services.screen_release(release=sealed, by=FILTER, at=at)

    determination = services.make_determination(
        product=product, kind="FACTOR", code="G-q", reason="Seen.", by=regulator, at=at
    )
    passed.refresh_from_db()
    regrade = services.open_regrade(
        release=passed, trigger="INCIDENT", reason="A leak.", by=provider, at=at
    )
    filing = make_verified(provider, operator, at, kind="STANDARD_CONTRACT")
    published(regulator, colleague, at, edits=[NO_DECLARATION])
    dispatch(at=at)
    run = Rescreening.objects.get()
    services.work_on(run=run, clock=lambda: at, seconds=60)
    return Market(
        kinds={
            "case": case.reference,
            "proposal": Proposal.objects.get(case=case).reference,
            "appeal": appeal.reference,
            "screening": screening.reference,
            "determination": determination.reference,
            "regrade": regrade.reference,
            "derivation": waiting.reference,
            "filing": filing.reference,
            "rule_draft": RuleDraft.objects.get().reference,
            "rescreening": run.reference,
            "object": sealed.original.reference,
        },
        product=product.reference,
        core=secret.reference,
        at=at,
    )


def test_every_record_is_rebuilt_from_the_log_and_a_changed_one_is_found(market: Market) -> None:
    before = reconcile(by=AUDITOR, at=market.at)
    assert [str(each) for each in before.differences if each.kind in {*KINDS} - {"object"}] == []
    rows = {kind: KINDS[kind][0].objects.get(reference=market.kinds[kind]) for kind in KINDS}

    with tampering():
        for kind, (model, wished) in KINDS.items():
            assert rows[kind].status != wished, kind
            model.objects.filter(pk=rows[kind].pk).update(status=wished)

    after = reconcile(by=AUDITOR, at=market.at)
    found = {each.kind: each for each in after.differences if each not in before.differences}
    assert len(after.differences) == len(before.differences) + len(KINDS)
    for kind, (_model, wished) in KINDS.items():
        assert after.things[kind] > 0, kind
        assert found[kind].reference == market.kinds[kind]
        assert (found[kind].log, found[kind].database) == (rows[kind].status, wished)
        assert found[kind].entry, kind


def subjects(data: bytes) -> set[tuple[str, str]]:
    """Return whatever the entries of a bundle name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.startswith("entries/")]
        texts = [text for name in names for text in archive.read(name).splitlines()]
    held = [json.loads(text)["id"] for text in texts if text.startswith(b"{")]
    refs = EntryRef.objects.filter(entry__id__in=held)
    return set(refs.values_list("kind", "reference"))


def bundled(by: Actor, at: datetime, **asked: Any) -> set[tuple[str, str]]:
    bundle = made(request_bundle(purpose="Inspection 14", by=by, at=at, **asked), at)
    data = content(bundle, by, at)
    assert checked(data).entries == bundle.entries_done
    return subjects(data)


def test_the_bundle_of_a_product_holds_all_that_was_decided_about_it(
    market: Market, regulator: Actor, at: datetime
) -> None:
    held = bundled(regulator, at, kind="PRODUCT", subject=market.product)

    wanted = {(kind, market.kinds[kind]) for kind in IN_PRODUCT if kind != "object"}
    assert wanted - {("rescreening", market.kinds["rescreening"])} <= held
    assert ("object", market.kinds["object"]) not in held


def test_the_bundle_of_a_sealed_product_holds_seal_and_hold(
    market: Market, regulator: Actor, at: datetime
) -> None:
    held = bundled(regulator, at, kind="PRODUCT", subject=market.core)

    assert ("object", market.kinds["object"]) in held
    assert "hold" in {kind for kind, _reference in held}
    assert ("case", market.kinds["case"]) not in held


def test_the_bundle_of_a_period_holds_every_record(
    market: Market, regulator: Actor, at: datetime
) -> None:
    later = at + timedelta(hours=2)

    held = bundled(
        regulator,
        later,
        kind="PERIOD",
        since=at - timedelta(hours=1),
        until=at + timedelta(hours=1),
    )

    assert {(kind, reference) for kind, reference in market.kinds.items()} <= held


def test_the_bundle_of_an_organization_holds_its_papers(
    market: Market, regulator: Actor, provider_org: Organization, at: datetime
) -> None:
    held = bundled(regulator, at, kind="ORGANIZATION", subject=provider_org.reference)

    wanted = {"filing", "case", "appeal", "derivation", "regrade", "determination", "object"}
    assert {(kind, market.kinds[kind]) for kind in wanted} <= held


def test_a_hold_on_a_product_holds_every_record_about_it(
    market: Market, regulator: Actor, at: datetime
) -> None:
    hold = place_hold(
        kind="product",
        subject=market.product,
        reason="An investigation",
        basis="《数据安全法》第四十四条",
        by=regulator,
        at=at,
    )
    about = ("case", "proposal", "appeal", "screening", "derivation", "regrade", "determination")

    for kind in about:
        assert holds_on([(kind, market.kinds[kind])]) == [hold], kind
    assert holds_on([("filing", market.kinds["filing"])]) == []
