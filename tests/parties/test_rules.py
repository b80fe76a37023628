"""What the rules of parties refuse, and in which words."""

import itertools

import pytest

from audit.log.actors import Actor
from exchange.parties import rules
from exchange.parties import scopes as reach
from exchange.parties.models import Organization
from exchange.parties.states import OrganizationRole


@pytest.mark.parametrize(
    "number",
    ["91110000600037341L", " 9111 0000 6000 37341l ", "9111-0000-6000-37341L"],
)
def test_accepts_codes_of_gb_32100(number: str) -> None:
    assert rules.uscc_problem(number) is None


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("", "18 characters; this one has 0"),
        ("9111000060003734", "18 characters; this one has 16"),
        ("911100006000373411", "check character"),
        ("91110000600037431L", "check character"),
        ("9111000060003734IL", "I, O, S, V and Z"),
        ("91A10000600037341L", "six digits of the region"),
        ("９１110000600037341Ｌ", "I, O, S, V and Z"),
    ],
)
def test_refuses_wrong_codes_with_the_reason(number: str, words: str) -> None:
    assert words in str(rules.uscc_problem(number))


def test_accepts_letters_in_the_class_of_a_code() -> None:
    number = "N2330000MA00000008"[:17]
    check = rules.uscc_number.calc_check_digit(number)

    assert rules.uscc_problem(number + check) is None


def test_only_market_roles_go_together() -> None:
    market = {"PROVIDER", "BUYER", "ASSESSOR"}
    subsets = [
        set(chosen)
        for size in range(1, 6)
        for chosen in itertools.combinations(OrganizationRole.values, size)
    ]

    accepted = [chosen for chosen in subsets if rules.roles_problem(chosen) is None]

    assert all(chosen <= market or len(chosen) == 1 for chosen in accepted)
    assert len(accepted) == 9
    assert "operator" in str(rules.roles_problem({"OPERATOR", "PROVIDER"}))
    assert "operator" in str(rules.roles_problem({"OPERATOR", "ASSESSOR"}))
    assert "operator" in str(rules.roles_problem({"OPERATOR", "REGULATOR"}))
    assert "regulator" in str(rules.roles_problem({"REGULATOR", "BUYER"}))
    assert "no role KING" in str(rules.roles_problem({"KING"}))
    assert "at least one" in str(rules.roles_problem(set()))


def test_requires_more_checks_of_those_who_trade_and_assess() -> None:
    assert rules.required_checks(["REGULATOR"]) == {"IDENTITY", "LICENSE"}
    assert rules.required_checks(["BUYER"]) == {"IDENTITY", "LICENSE", "CLEAN_RECORD"}
    assert "QUALIFICATION" in rules.required_checks(["ASSESSOR"])


def test_a_token_acts_only_in_roles_its_scopes_open() -> None:
    both = ["PROVIDER", "BUYER"]

    assert reach.roles_of_token(both, ["read"]) == frozenset()
    assert reach.roles_of_token(both, ["read", "list"]) == {"PROVIDER"}
    assert reach.roles_of_token(both, ["trade", "list"]) == {"PROVIDER", "BUYER"}
    assert reach.roles_of_token(["REGULATOR"], ["audit"]) == {"REGULATOR"}


@pytest.mark.parametrize(
    ("issuer", "scopes", "place"),
    [
        ("ADMIN", ["read"], "VIEWER"),
        ("ADMIN", ["audit"], "VIEWER"),
        ("ADMIN", ["read", "list"], "TRADER"),
        ("TRADER", ["trade"], "TRADER"),
        ("VIEWER", ["trade"], "VIEWER"),
    ],
)
def test_a_token_is_never_more_than_its_issuer(issuer: str, scopes: list[str], place: str) -> None:
    assert reach.member_role_of_token(issuer, scopes) == place


def test_only_the_operator_reviews(
    provider: Actor,
    provider_viewer: Actor,
    buyer: Actor,
    stranger: Actor,
    regulator: Actor,
    operator: Actor,
    anonymous: Actor,
) -> None:
    others = [provider, provider_viewer, buyer, stranger, regulator, anonymous]

    assert rules.why_not_review(operator) is None
    assert rules.why_not_review(Actor.system("bootstrap")) is None
    assert all(rules.why_not_review(actor) for actor in others)


def test_only_its_administrator_administers_an_organization(
    provider: Actor,
    provider_viewer: Actor,
    buyer: Actor,
    operator: Actor,
    regulator: Actor,
    anonymous: Actor,
    provider_org: Organization,
) -> None:
    others = [provider_viewer, buyer, operator, regulator, anonymous]

    assert rules.why_not_administer(provider, provider_org) is None
    assert all(rules.why_not_administer(actor, provider_org) for actor in others)
