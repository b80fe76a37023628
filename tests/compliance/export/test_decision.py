"""The mechanism table of the export gate, row by row and at every line."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.compliance.export import Heads, Party, Place, Situation, decide
from exchange.compliance.export.scope import Gap

from .making import DAY, duties, evidence, rules_in_effect, situation

RULES = rules_in_effect()
ORDINARY = Heads(ordinary=1)

CORE = ("DENY", "R-CORE", "")
GENETIC = ("DENY", "R-HGR", "")
IMPORTANT = ("SECURITY_ASSESSMENT", "R-EXPORT-IMPORTANT", "")
CRITICAL = ("SECURITY_ASSESSMENT", "R-EXPORT-CRITICAL", "")
ASSESSMENT = ("SECURITY_ASSESSMENT", "R-EXPORT-ASSESSMENT", "")
CONTRACT = ("CONTRACT", "R-EXPORT-CONTRACT", "")
FREE = ("EXEMPT", "R-EXPORT-EXEMPT", "NO_PERSONAL")
FEW = ("EXEMPT", "R-EXPORT-EXEMPT", "VOLUME")
INSIDE = ("INSIDE", "", "")
TABLE = [  # what is asked: outcome, rule, ground
    ("core", situation(grade="CORE"), CORE),
    ("core with persons", situation(1, grade="CORE"), CORE),
    ("genetic", situation(1, genetic=True), GENETIC),
    ("genetic, important", situation(grade="IMPORTANT", genetic=True), GENETIC),
    ("important, no persons", situation(grade="IMPORTANT"), IMPORTANT),
    ("important, one person", situation(1, grade="IMPORTANT"), IMPORTANT),
    ("critical, one person", situation(1, critical=True), CRITICAL),
    ("critical, sensitive", situation(0, 1, critical=True), CRITICAL),
    ("critical, no persons", situation(critical=True), FREE),
    ("no persons", situation(), FREE),
    ("one person", situation(1), FEW),
    ("pseudonymous", situation(1, personal="PSEUDONYMOUS"), FEW),
    ("99,999", situation(99_999), FEW),
    ("100,000", situation(100_000), CONTRACT),
    ("999,999", situation(999_999), CONTRACT),
    ("1,000,000", situation(1_000_000), ASSESSMENT),
    ("sensitive 1", situation(0, 1), CONTRACT),
    ("sensitive, uncounted", situation(personal="SENSITIVE"), CONTRACT),
    ("sensitive 9,999", situation(0, 9_999), CONTRACT),
    ("sensitive 10,000", situation(0, 10_000), ASSESSMENT),
    ("counted apart", situation(99_999, 9_999), CONTRACT),
    ("99,999 so far, one more", situation(1, so_far=Heads(ordinary=99_999)), CONTRACT),
    ("99,998 so far, one more", situation(1, so_far=Heads(ordinary=99_998)), FEW),
    ("999,999 so far, one more", situation(1, so_far=Heads(ordinary=999_999)), ASSESSMENT),
    ("sensitive so far", situation(1, so_far=Heads(sensitive=1)), CONTRACT),
    ("9,999 sensitive so far", situation(0, 1, so_far=Heads(sensitive=9_999)), ASSESSMENT),
    ("mainland", situation(10**7, to=Place.MAINLAND), INSIDE),
]


@pytest.mark.parametrize(
    ("asked", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_the_mechanism_table(asked: Situation, expected: tuple[str, str, str]) -> None:
    decision = decide(asked, RULES)

    outcome, rule, ground = expected
    assert (decision.outcome, decision.ground) == (outcome, ground)
    assert decision.rules[:1] == ((rule,) if rule else ())
    assert decision.pack == "export@2026-11-01"


@pytest.mark.parametrize("place", [place for place in Place if place != Place.MAINLAND])
def test_every_place_but_the_mainland_is_outside(place: Place) -> None:
    assert decide(situation(100_000, to=place), RULES).outcome == "CONTRACT"


def test_reading_from_outside_is_export_wherever_the_buyer_is() -> None:
    inside = situation(100_000, to=Place.MAINLAND)
    read = situation(100_000, to=Place.MAINLAND, access=frozenset({Place.MAINLAND, Place.ABROAD}))

    assert decide(inside, RULES).allowed
    assert decide(read, RULES).outcome == "CONTRACT"
    assert not decide(read, RULES).allowed


def test_what_is_free_goes_without_papers() -> None:
    decision = decide(situation(), RULES)

    assert decision.allowed
    assert decision.evidence == ()
    assert decision.rules == ("R-EXPORT-EXEMPT",)


def test_exempt_persons_still_need_consent_and_an_impact_assessment() -> None:
    bare = decide(situation(1), RULES)
    filed = decide(situation(1, filed=duties()), RULES)

    assert not bare.allowed
    assert [told.words.id for told in bare.wanting] == ["R-EXPORT-CONSENT", "R-EXPORT-IMPACT"]
    assert filed.allowed
    assert filed.evidence == ("X-SEPARATE_CONSENT", "X-IMPACT_ASSESSMENT")


@pytest.mark.parametrize("kind", ["STANDARD_CONTRACT", "CERTIFICATION", "SECURITY_ASSESSMENT"])
def test_each_mechanism_that_does_for_a_hundred_thousand(kind: str) -> None:
    decision = decide(situation(100_000, filed=(evidence(kind), *duties())), RULES)

    assert decision.allowed
    assert decision.mechanism == kind
    assert decision.evidence[0] == f"X-{kind}"


@pytest.mark.parametrize("kind", ["STANDARD_CONTRACT", "CERTIFICATION", "GBA_CONTRACT"])
def test_nothing_lighter_does_for_a_million(kind: str) -> None:
    decision = decide(situation(1_000_000, filed=(evidence(kind), *duties())), RULES)

    assert not decision.allowed
    assert decision.accepted == ("SECURITY_ASSESSMENT",)


def test_core_data_has_no_way_out() -> None:
    kinds = ("SECURITY_ASSESSMENT", "STANDARD_CONTRACT", "CERTIFICATION", "EXEMPTION")
    papers = tuple(evidence(kind, ground="EMERGENCY") for kind in kinds)

    assert not decide(situation(grade="CORE", filed=(*papers, *duties())), RULES).allowed


def test_a_verified_claim_exempts_and_an_unverified_does_not() -> None:
    claim = evidence("EXEMPTION", ground="CONTRACT_WITH_PERSON")
    verified = decide(situation(500_000, filed=(claim, *duties())), RULES)
    pending = decide(situation(500_000, filed=(replace(claim, verified=False), *duties())), RULES)

    assert (verified.outcome, verified.ground) == ("EXEMPT", "CONTRACT_WITH_PERSON")
    assert verified.allowed
    assert pending.outcome == "CONTRACT"


@pytest.mark.parametrize("ground", ["NO_PERSONAL", "VOLUME", "ZONE", "INVENTED"])
def test_only_grounds_that_can_be_claimed_are_claimed(ground: str) -> None:
    claim = evidence("EXEMPTION", ground=ground)

    assert decide(situation(500_000, filed=(claim,)), RULES).outcome == "CONTRACT"


def test_claims_never_cover_important_data_nor_critical_operators() -> None:
    claim = evidence("EXEMPTION", ground="EMERGENCY")

    important = decide(situation(1, grade="IMPORTANT", filed=(claim,)), RULES)
    critical = decide(situation(1, critical=True, filed=(claim,)), RULES)

    assert important.rules[0] == "R-EXPORT-IMPORTANT"
    assert critical.rules[0] == "R-EXPORT-CRITICAL"


GAPS = [
    ("unverified", {"verified": False}, Gap("UNVERIFIED")),
    ("its last day is over", {"valid_until": DAY}, Gap("EXPIRED", ("2026-11-23",))),
    ("not begun", {"valid_from": DAY + timedelta(days=1)}, Gap("NOT_YET", ("2026-11-24",))),
]


@pytest.mark.parametrize(("changes", "gap"), [row[1:] for row in GAPS], ids=[r[0] for r in GAPS])
def test_evidence_counts_while_it_is_verified_and_valid(changes: dict, gap: Gap) -> None:
    decision = decide(
        situation(grade="IMPORTANT", filed=(evidence("SECURITY_ASSESSMENT", **changes),)), RULES
    )

    assert not decision.allowed
    assert decision.wanting[0].short == (("X-SECURITY_ASSESSMENT", (gap,)),)


def test_evidence_is_valid_through_the_day_before_its_end() -> None:
    last = evidence("SECURITY_ASSESSMENT", valid_from=DAY, valid_until=DAY + timedelta(days=1))

    assert decide(situation(grade="IMPORTANT", filed=(last,)), RULES).allowed


SCOPES = [
    ("uses", frozenset({"marketing"}), Gap("USE", ("insurance",))),
    ("recipients", frozenset({"ORG-3"}), Gap("RECIPIENT", ("ORG-2",))),
    ("products", frozenset(), Gap("PRODUCT", ("P-1",))),
    ("fields", frozenset({"city"}), Gap("FIELDS", ("mobile",))),
    ("places", frozenset({Place.HK}), Gap("PLACE", ("ABROAD",))),
    ("heads", Heads(ordinary=99_999), Gap("SCALE", ("100000+0", "99999+0"))),
]


@pytest.mark.parametrize(("head", "covered", "gap"), SCOPES, ids=[row[0] for row in SCOPES])
def test_an_order_stays_within_the_scope_head_by_head(head: str, covered: object, gap: Gap) -> None:
    full = evidence("SECURITY_ASSESSMENT")
    narrow = replace(full, scope=replace(full.scope, **{head: covered}))
    allowed = decide(situation(100_000, filed=(full, *duties())), RULES)
    refused = decide(situation(100_000, filed=(narrow, *duties())), RULES)

    assert allowed.allowed
    assert not refused.allowed
    assert refused.wanting[0].short == (("X-SECURITY_ASSESSMENT", (gap,)),)


def test_the_scale_counts_what_left_before_under_the_same_evidence() -> None:
    full = evidence("SECURITY_ASSESSMENT")
    half = replace(full, scope=replace(full.scope, heads=Heads(ordinary=150_000)))

    first = decide(situation(100_000, filed=(half, *duties())), RULES)
    used = replace(half, used=Heads(ordinary=50_001))
    second = decide(situation(100_000, filed=(used, *duties())), RULES)

    assert first.allowed
    assert second.wanting[0].short[0][1] == (Gap("SCALE", ("150001+0", "150000+0")),)


def in_the_bay(place: Place, *, city: bool = True, **changes: object) -> Situation:
    """Return an order from one of the nine cities to one of the two sides."""
    asked = situation(100_000, to=place, **changes)  # type: ignore[arg-type]
    exporter = Party(reference="ORG-1", place=Place.MAINLAND, in_bay_area=city)
    return replace(asked, route=replace(asked.route, exporter=exporter))


@pytest.mark.parametrize("place", [Place.HK, Place.MO])
def test_a_bay_area_contract_does_between_its_places(place: Place) -> None:
    papers = (evidence("GBA_CONTRACT", partner=str(place)), *duties())
    decision = decide(in_the_bay(place, filed=papers), RULES)

    assert "GBA_CONTRACT" in decision.accepted
    assert decision.allowed
    assert decision.mechanism == "GBA_CONTRACT"


def test_a_bay_area_contract_does_nowhere_else() -> None:
    papers = (evidence("GBA_CONTRACT", partner="HK"), *duties())
    both = frozenset({Place.HK, Place.ABROAD})
    elsewhere = {
        "another city": in_the_bay(Place.HK, city=False, filed=papers),
        "the other side": in_the_bay(Place.MO, filed=papers),
        "Taiwan": in_the_bay(Place.TW, filed=papers),
        "read beyond": in_the_bay(Place.HK, access=both, filed=papers),
        "important": in_the_bay(Place.HK, grade="IMPORTANT", filed=papers),
        "a million": replace(
            in_the_bay(Place.HK, filed=papers), with_cargo=Heads(ordinary=1_000_000)
        ),
    }

    assert {
        name: decide(asked, RULES).allowed for name, asked in elsewhere.items()
    } == dict.fromkeys(elsewhere, False)


def test_the_recipient_itself_is_in_the_bay() -> None:
    papers = (evidence("GBA_CONTRACT", partner="HK"), *duties())
    asked = in_the_bay(Place.HK, filed=papers)
    mainland = Party(reference="ORG-2", place=Place.MAINLAND)

    moved = replace(asked, route=replace(asked.route, recipient=mainland))

    assert not decide(moved, RULES).allowed


counts = st.integers(0, 2_000_000)
heads = st.builds(Heads, ordinary=counts, sensitive=st.integers(0, 20_000))


@given(
    before=heads,
    cargo=heads,
    more=heads,
    operator=st.sampled_from(["ordinary", "critical"]),
    grade=st.sampled_from(["GENERAL", "IMPORTANT", "CORE"]),
    scale=heads,
)
def test_more_persons_never_get_a_lighter_mechanism(
    before: Heads, cargo: Heads, more: Heads, operator: str, grade: str, scale: Heads
) -> None:
    full = evidence("EXEMPTION", ground="STAFF")
    claim = replace(full, scope=replace(full.scope, heads=scale))

    def weight(so_far: Heads, heads: Heads) -> int:
        asked = situation(
            heads.ordinary,
            heads.sensitive,
            so_far=so_far,
            critical=operator == "critical",
            grade=grade,
            filed=(claim,),
        )
        return decide(asked, RULES).weight

    base = weight(before, cargo)
    assert weight(before + more, cargo) >= base
    assert weight(before, cargo + more) >= base


@given(so_far=heads, cargo=heads)
def test_splitting_an_order_does_not_help(so_far: Heads, cargo: Heads) -> None:
    whole = decide(situation(cargo.ordinary, cargo.sensitive, so_far=so_far), RULES)
    first = Heads(ordinary=cargo.ordinary // 2, sensitive=cargo.sensitive // 2)
    rest = Heads(
        ordinary=cargo.ordinary - first.ordinary, sensitive=cargo.sensitive - first.sensitive
    )
    second = decide(situation(rest.ordinary, rest.sensitive, so_far=so_far + first), RULES)

    assert second.weight >= whole.weight or not (rest.ordinary or rest.sensitive)


def test_every_rule_and_ground_speaks_both_languages() -> None:
    for words in [*RULES.words.values(), *(ground.words for ground in RULES.grounds.values())]:
        assert words.title["en"]
        assert words.title["zh"]
        assert words.basis["en"]
        assert "《" in words.basis["zh"]
    assert all(words.remedy["en"] and words.remedy["zh"] for words in RULES.words.values())


def test_a_decision_is_that_of_its_day() -> None:
    paper = evidence("SECURITY_ASSESSMENT", valid_until=date(2026, 12, 1))
    asked = situation(grade="IMPORTANT", filed=(paper,))

    assert decide(asked, RULES).allowed
    assert not decide(replace(asked, on=date(2026, 12, 1)), RULES).allowed
