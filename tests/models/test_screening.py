"""What the filter asks of a model: its disclosure, its file, its training data, its words."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pytest

from audit.disclosure import services as register
from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from exchange.catalog.services import submit_release
from exchange.compliance.gate import why_not_trade
from exchange.compliance.grading import grade
from exchange.compliance.measurement import values
from exchange.compliance.models import Case
from exchange.compliance.scanner import ScanReport
from exchange.compliance.services import screen_release
from exchange.compliance.statements import Manual, ModelPapers, TrainingSource
from exchange.compliance.states import CaseState
from exchange.parties.models import Organization
from exchange.registry.models import RightsStatement
from exchange.vault.services import store_object
from tests.catalog.making import draft_product
from tests.compliance.scanning import PACK
from tests.disclosure import onnx_files as onnx
from tests.disclosure.making import texts
from tests.registry.making import stated_rights

from .making import (
    SYSTEM,
    WORDS,
    cleared_model,
    described,
    disclosed,
    model_product,
    onnx_file,
    screened,
    source,
    state,
    uploaded,
)

Log = Callable[[], list[tuple[str, str]]]
FINE = ModelPapers(
    algorithm="credit-score",
    disclosure="AD-1",
    concerns=True,
    same_file=True,
    sources=(TrainingSource(name="own", rights="STATEMENT"),),
)
STATED = Manual(
    source_note="own",
    rights=frozenset({"OPERATE"}),
    rights_stated=True,
    scenarios=("scoring",),
)


def fired(**changes: Any) -> tuple[str, str, set[str]]:
    """Return outcome, who decides and the rules of models that fire on papers."""
    manual = replace(STATED, model=replace(FINE, **changes))
    found = grade(ScanReport(0, 0, ()), PACK.data, on=date(2026, 11, 29), manual=manual)
    return found.outcome, found.override, {rule.id for rule in found.rules}


def trained(**changes: Any) -> tuple[TrainingSource, ...]:
    """Return sources of which the second differs."""
    return (*FINE.sources, TrainingSource(**({"name": "x", "rights": "CONTRACT"} | changes)))


@pytest.mark.parametrize(
    ("changes", "outcome", "override", "rule"),
    [
        ({"disclosure": ""}, "REVIEW", "OPERATOR", "R-MODEL-DISCLOSED"),
        ({"lacks": ("training_data",)}, "REVIEW", "OPERATOR", "R-MODEL-DISCLOSED"),
        ({"concerns": False}, "REVIEW", "OPERATOR", "R-MODEL-DISCLOSED"),
        ({"same_file": False}, "REVIEW", "OPERATOR", "R-MODEL-FILE"),
        ({"sources": ()}, "BLOCK", "OPERATOR", "R-MODEL-SOURCES"),
        ({"sources": trained(rests=False)}, "BLOCK", "OPERATOR", "R-MODEL-SOURCES"),
        ({"sources": trained(personal=True)}, "REVIEW", "OPERATOR", "R-MODEL-PERSONAL"),
        ({"sources": trained(grade="IMPORTANT")}, "REVIEW", "REGULATOR", "R-MODEL-IMPORTANT"),
        ({"sources": trained(grade="CORE")}, "BLOCK", "NONE", "R-MODEL-CORE"),
        ({"idle": ("w",)}, "REVIEW", "OPERATOR", "R-MODEL-IDLE"),
    ],
)
def test_each_rule_fires_on_its_own(
    changes: dict[str, Any], outcome: str, override: str, rule: str
) -> None:
    assert fired(**changes) == (outcome, override, {rule})


def test_no_rule_of_models_fires_on_one_in_order_or_on_data() -> None:
    assert fired() == ("CLEAR", "NONE", set())
    assert fired(sources=trained(grade="GENERAL")) == ("CLEAR", "NONE", set())
    data = grade(ScanReport(0, 0, ()), PACK.data, on=date(2026, 11, 29), manual=STATED)
    assert data.rules == ()


@pytest.mark.django_db
def test_a_model_in_order_is_cleared_with_its_papers_in_the_report(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    release = cleared_model(provider_org, provider, at)

    assert (release.status, release.grade, release.sample) == ("CLEARED", "GENERAL", {})
    report = release.screenings.get().report
    assert report["model"]["same_file"] is True
    assert report["model"]["lacks"] == []
    assert [each["rests"] for each in report["model"]["sources"]] == [True]
    assert report["rows"] == release.rows_to_read
    assert why_not_trade(release, at) is None


@pytest.mark.django_db
def test_nothing_is_submitted_before_it_is_stated_what_the_model_is(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product = model_product(provider_org, provider, at)
    release = uploaded(product, provider, at, onnx_file())

    with pytest.raises(Invalid) as refused:
        submit_release(release=release, by=provider, at=at)

    assert "training" in refused.value.fields


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "missing"),
    [({}, True), ({"training_data": WORDS}, False)],
)
def test_a_disclosure_without_training_data_is_incomplete(
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    words: dict[str, Any],
    missing: bool,  # noqa: FBT001
) -> None:
    product, content = model_product(provider_org, provider, at), onnx_file()
    state(product, provider, at, content)
    disclosed(product, provider, at, content, texts=texts(**words))

    release, screening = screened(product, provider, at, content)

    assert ("R-MODEL-DISCLOSED" in screening.rules) is missing
    assert release.status == ("IN_REVIEW" if missing else "CLEARED")


@pytest.mark.django_db
def test_another_file_than_the_disclosed_one_is_held(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product = model_product(provider_org, provider, at)
    state(product, provider, at, onnx_file(bias=0.5))
    disclosed(product, provider, at, onnx_file(bias=0.5))

    release, screening = screened(product, provider, at, onnx_file(bias=0.6))

    assert screening.rules == ["R-MODEL-FILE"]
    assert release.status == "IN_REVIEW"
    assert Case.objects.get(screening=screening).status == CaseState.OPEN


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "outcome", "rule"),
    [
        ("联系人张三，身份证 11010519491231002X，手机 13800138000", "BLOCK", "R-PI-RAW"),
        ("机密★10年 某某工程资料", "BLOCK", "R-SECRET"),
        ("logistic regression, trained in 2024", "CLEAR", ""),
    ],
)
def test_words_inside_the_file_are_read_like_any_content(
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    words: str,
    outcome: str,
    rule: str,
) -> None:
    product, content = model_product(provider_org, provider, at), described(words)
    state(product, provider, at, content)
    disclosed(product, provider, at, content)

    _release, screening = screened(product, provider, at, content)

    assert (screening.outcome, rule in screening.rules or not rule) == (outcome, True)


@pytest.mark.django_db
def test_persons_among_the_labels_are_found(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    random = Random(7)
    labels = onnx.node(
        "LabelEncoder", ["X"], ["y"], onnx.ML,
        keys_int64s=[int(values.mobile(random)) for _ in range(50)],
        values_floats=[0.0] * 50,
    )  # fmt: skip
    graph = onnx.graph([labels], [onnx.slot("X", ["n", 1], 7)], [onnx.slot("y", ["n", 1])])
    content = onnx.model(graph)
    product = model_product(provider_org, provider, at)
    state(product, provider, at, content)
    disclosed(product, provider, at, content)

    release, screening = screened(product, provider, at, content)

    assert screening.personal == "PERSONAL"
    assert release.status != "CLEARED"


@pytest.mark.django_db
def test_constants_that_nothing_uses_are_left_to_a_person(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    step = onnx.node("Identity", ["X"], ["y"])
    content = onnx.of_nodes([step], 1, onnx.NUMBER, {"spare": np.zeros(4, dtype=np.float32)})
    product = model_product(provider_org, provider, at)
    state(product, provider, at, content)
    disclosed(product, provider, at, content)

    _release, screening = screened(product, provider, at, content)

    assert screening.rules == ["R-MODEL-IDLE"]
    assert screening.report["model"]["idle"] == ["spare"]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["nobody", "stranger", "contract", "evidence"])
def test_a_source_without_a_right_is_refused_at_its_field(
    provider_org: Organization,
    stranger_org: Organization,
    provider: Actor,
    at: datetime,
    log: Log,
    kind: str,
) -> None:
    product = model_product(provider_org, provider, at)
    foreign = stated_rights(provider_org, provider, at)
    RightsStatement.objects.filter(pk=foreign.pk).update(organization=stranger_org)
    changes: dict[str, Any] = {
        "nobody": {"reference": "R-2026-00000000"},
        "stranger": {"reference": foreign.reference},
        "contract": {"rights": "CONTRACT", "reference": "C-2026-00000000"},
        "evidence": {"rights": "DECLARED", "evidence": "OB-2026-00000000"},
    }[kind]
    before = log()

    with pytest.raises(Invalid) as refused:
        state(product, provider, at, onnx_file(), source(product, **changes))

    field = "sources.0.evidence" if kind == "evidence" else "sources.0.reference"
    assert set(refused.value.fields) == {field}
    assert log() == before


@pytest.mark.django_db
def test_a_declaration_with_evidence_is_a_right_on_record(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = model_product(provider_org, provider, at)
    proof = store_object(
        source=io.BytesIO(b"minutes"),
        filename="minutes.txt",
        purpose="PROOF",
        owner=provider_org.reference,
        by=provider,
        at=at,
    )
    before = log()

    told = source(product, rights="DECLARED", reference="", evidence=proof.reference)
    state(product, provider, at, onnx_file(), told)
    state(product, provider, at, onnx_file(), told)

    assert log() == [*before, ("catalog.product.training_stated", product.reference)]


@pytest.mark.django_db
def test_rights_that_ended_since_no_longer_carry_a_model(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product, content = model_product(provider_org, provider, at), onnx_file()
    until = (at + timedelta(days=30)).date().isoformat()
    brief = stated_rights(provider_org, provider, at, valid_until=until)
    state(product, provider, at, content, source(product, reference=brief.reference))
    disclosed(product, provider, at, content)
    release = uploaded(product, provider, at, content)
    submit_release(release=release, by=provider, at=at)

    late = screen_release(release=release, by=SYSTEM, at=at + timedelta(days=31))

    assert "R-MODEL-SOURCES" in late.rules


@pytest.mark.django_db
def test_the_graver_of_what_is_stated_and_what_is_known_counts(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product, content = model_product(provider_org, provider, at), onnx_file()
    consent = stated_rights(provider_org, provider, at, personal_basis="DEIDENTIFIED")
    state(product, provider, at, content, source(product, reference=consent.reference))
    disclosed(product, provider, at, content)

    _release, screening = screened(product, provider, at, content)

    assert screening.rules == ["R-MODEL-PERSONAL"]


@pytest.mark.django_db
def test_data_has_no_training_statement(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product = draft_product(provider_org, provider, at)
    told = {"name": "x", "rights": "STATEMENT", "personal": "NONE", "grade": "GENERAL"}

    with pytest.raises(NotAllowed):
        state(product, provider, at, onnx_file(), told)


@pytest.mark.django_db
def test_a_withdrawn_disclosure_shuts_the_gate(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    content = onnx_file()
    product = model_product(provider_org, provider, at)
    state(product, provider, at, content)
    disclosure = disclosed(product, provider, at, content)
    release, _screening = screened(product, provider, at, content)
    assert why_not_trade(release, at) is None

    register.withdraw_disclosure(
        disclosure=disclosure, reason="faulty", by=provider, at=at, last_day=at.date()
    )

    assert "credit-score" in (why_not_trade(release, at) or "")


@pytest.mark.django_db
def test_a_held_model_is_read_again_once_its_disclosure_is_in_force(
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    settle: Callable[[], None],
) -> None:
    product, content = model_product(provider_org, provider, at), onnx_file()
    state(product, provider, at, content)
    release, screening = screened(product, provider, at, content)
    assert (release.status, screening.rules) == ("IN_REVIEW", ["R-MODEL-DISCLOSED"])

    disclosed(product, provider, at, content)
    settle()

    release.refresh_from_db()
    assert release.status == "CLEARED"
    assert Case.objects.get(screening=screening).status == CaseState.CLOSED
