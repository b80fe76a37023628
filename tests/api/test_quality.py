"""Over REST: rules are tried and declared, the release is measured, everybody reads the report."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.reactions import dispatch
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from tests.catalog.test_quality import RULES, cleared
from tests.compliance.making import product_of

from .calling import Program, problem, program_of

Log = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def program(provider_org: Organization, provider: Actor, at: datetime) -> Program:
    """The provider's own program."""
    return program_of(provider_org, provider, at, "read", "list")[0]


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    """A product with a cleared release, as everybody sees it."""
    made = product_of(provider_org, provider, at)
    cleared(made, provider, at)
    return made


def test_rules_are_tried_declared_and_measured(
    program: Program,
    product: Product,
    buyer_org: Organization,
    buyer: Actor,
    at: datetime,
    django_capture_on_commit_callbacks: Any,
) -> None:
    place = f"products/{product.reference}/quality"

    trial = program.post(f"{place}/trial", RULES)
    declared = program.post(f"{place}/rules", RULES, status=201)
    with django_capture_on_commit_callbacks(execute=True):
        dispatch(at=at)
    told = program.get(place)
    again = program.post(f"releases/{product.current.reference}/quality", status=201)

    assert [(row["id"], row["failing"]) for row in trial["rules"]] == [
        ("form", 1),
        ("once", 1),
        ("sum", 1),
    ]
    assert (trial["whole"], trial["rows"]) == (True, 4)
    assert told["rules"]["sha256"] == declared["sha256"] == told["report"]["report"]["rules_sha256"]
    assert (told["report"]["status"], told["report"]["progress"]) == ("DONE", 100)
    assert told["report"]["examples"]["form"] == [{"row": 4, "shapes": ["a9"]}]
    assert (again["status"], again["report"]) == ("QUEUED", None)
    Product.objects.filter(pk=product.pk).update(
        status="LISTED", listed_at=at
    )  # as everybody sees it
    outside = program_of(buyer_org, buyer, at, "read")[0]
    seen = outside.get(f"quality-reports/{told['report']['reference']}")
    assert seen["report"] == told["report"]["report"]
    assert seen["examples"] == {}
    problem(outside.call("GET", f"quality-reports/{again['reference']}"), 404, "not-found")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Rule r1: The table has no column Station. Did you mean station?"),
        ("zh-hans", "规则 r1：表中没有列 Station。是否指 station？"),
    ],
)
def test_a_refusal_says_which_rule_and_what_to_do(
    program: Program, product: Product, log: Log, language: str, words: str
) -> None:
    before = log()
    wrong = {"rules": [{"kind": "not_null", "columns": ["Station"]}]}

    answer = program.call(
        "POST",
        f"products/{product.reference}/quality/rules",
        wrong,
        key="q-1",
        Accept_Language=language,
    )

    assert problem(answer, 422, "invalid")["errors"][0]["message"] == words
    assert log() == before


def test_a_million_rules_are_refused(program: Program, product: Product, log: Log) -> None:
    before = log()
    rule = {"kind": "not_null", "columns": ["station"]}

    answer = program.call(
        "POST", f"products/{product.reference}/quality/rules", {"rules": [rule] * 50_000}, key="q-2"
    )

    assert answer.status_code in {413, 422}
    assert log() == before
