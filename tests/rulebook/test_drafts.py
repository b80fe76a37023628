"""Drafts of rules: written by one, approved by another, binding from a day, never changed again."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from audit.log.actors import Actor, ActorKind
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound
from audit.rulebook import queries, services, shelf
from audit.rulebook.models import PackText, RuleDraft, RulePack
from audit.rulebook.queries import begins_at, get_pack, list_packs, seal_of
from audit.rulebook.toml import set_value
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from tests.conftest import make_member

from .making import DAY, STRICTER, approved, written

Log = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def draft(regulator: Actor, at: datetime) -> RuleDraft:
    """A draft that asks for a review from 5,000 persons on."""
    return written(regulator, at)


def test_a_version_is_written_approved_and_published(
    regulator: Actor, colleague: Actor, at: datetime, log: Log
) -> None:
    draft = written(regulator, at)
    approved(draft, regulator, colleague, at)

    pack = services.publish_draft(draft=draft, by=regulator, at=at)
    queries.forget_packs()

    assert pack.reference == "compliance@2026-12-10"
    assert get_pack("compliance", on=date(2026, 12, 9)).label == "compliance@2026-11-01"
    new = get_pack("compliance", on=DAY)
    assert (new.label, new.digest) == (pack.reference, pack.sha256)
    volume = next(rule for rule in new.data["rules"] if rule["id"] == "R-VOLUME")
    assert volume["when"]["persons_from"] == 5000
    draft.refresh_from_db()
    assert (draft.status, draft.published_as) == ("PUBLISHED", pack.reference)
    assert log() == [
        ("rulebook.draft.started", draft.reference),
        ("rulebook.draft.edited", draft.reference),
        ("rulebook.draft.proposed", draft.reference),
        ("rulebook.draft.approved", draft.reference),
        ("rulebook.pack.published", pack.reference),
        ("rulebook.draft.published", draft.reference),
    ]


def test_nobody_approves_what_bears_his_own_hand(
    draft: RuleDraft, regulator: Actor, colleague: Actor, at: datetime, log: Log
) -> None:
    day = DAY + timedelta(days=1)
    services.edit_draft(draft=draft, effective_on=day, expected_version=2, by=colleague, at=at)
    services.propose_draft(draft=draft, by=regulator, at=at)
    seal = seal_of(draft.kind, draft.effective_on, draft.text)
    before = log()

    for author in (regulator, colleague):
        with pytest.raises(NotAllowed, match="You wrote part"):
            services.approve_draft(draft=draft, seal=seal, by=author, at=at)

    draft.refresh_from_db()
    assert draft.status == "PROPOSED"
    assert log() == before


def test_an_approval_is_of_what_was_read_and_void_with_any_edit(
    draft: RuleDraft, regulator: Actor, colleague: Actor, at: datetime, log: Log
) -> None:
    services.propose_draft(draft=draft, by=regulator, at=at)
    with pytest.raises(Conflict, match="not the one you read"):
        services.approve_draft(draft=draft, seal="0" * 64, by=colleague, at=at)
    seal = seal_of(draft.kind, draft.effective_on, draft.text)
    services.approve_draft(draft=draft, seal=seal, by=colleague, at=at)

    services.edit_draft(
        draft=draft, text=draft.text + "\n# one more\n", expected_version=2, by=regulator, at=at
    )

    assert (draft.status, draft.seal, draft.approved_by) == ("EDITING", "", "")
    before = log()
    with pytest.raises(NotAllowed, match="not been approved"):
        services.publish_draft(draft=draft, by=regulator, at=at)
    assert log() == before
    assert not RulePack.objects.exists()


def test_a_text_changed_behind_the_approval_is_not_published(
    draft: RuleDraft, regulator: Actor, colleague: Actor, at: datetime
) -> None:
    approved(draft, regulator, colleague, at)
    RuleDraft.objects.filter(pk=draft.pk).update(text=draft.text + "# quietly\n")

    with pytest.raises(NotAllowed, match="not the one that was approved"):
        services.publish_draft(draft=draft, by=regulator, at=at)


def test_two_writers_do_not_overwrite_each_other(
    draft: RuleDraft, colleague: Actor, at: datetime, log: Log
) -> None:
    before = log()

    with pytest.raises(Conflict, match="version 2, you read 1"):
        services.edit_draft(draft=draft, text="x = 1", expected_version=1, by=colleague, at=at)

    assert log() == before


def test_the_second_person_may_give_it_back(
    draft: RuleDraft, regulator: Actor, colleague: Actor, at: datetime
) -> None:
    services.propose_draft(draft=draft, by=regulator, at=at)

    services.return_draft(draft=draft, reason="Too strict", by=colleague, at=at)

    assert (draft.status, draft.status_reason) == ("EDITING", "Too strict")


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 23), "coming midnight"),
        (date(2026, 11, 1), "coming midnight"),
    ],
)
def test_rules_do_not_bind_backwards(day: date, words: str, regulator: Actor, at: datetime) -> None:
    draft = written(regulator, at, day=day)

    with pytest.raises(Invalid, match=words):
        services.propose_draft(draft=draft, by=regulator, at=at)


def test_every_process_hears_of_a_version_before_it_binds(
    draft: RuleDraft, regulator: Actor, colleague: Actor, at: datetime
) -> None:
    approved(draft, regulator, colleague, at)

    late = begins_at(DAY) - shelf.LEAD + timedelta(seconds=1)
    with pytest.raises(NotAllowed, match="ten minutes"):
        services.publish_draft(draft=draft, by=regulator, at=late)

    services.publish_draft(draft=draft, by=regulator, at=begins_at(DAY) - shelf.LEAD)
    assert begins_at(DAY) == datetime(2026, 12, 9, 16, tzinfo=UTC)


def test_what_is_stored_is_seen_when_it_is_asked_for_again(
    draft: RuleDraft, regulator: Actor, colleague: Actor, at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    list_packs("compliance")
    approved(draft, regulator, colleague, at)
    services.publish_draft(draft=draft, by=regulator, at=at)
    assert get_pack("compliance", on=DAY).label == "compliance@2026-11-01"

    monkeypatch.setattr(shelf, "RECHECK", 0)

    assert get_pack("compliance", on=DAY).label == "compliance@2026-12-10"


def test_a_version_is_withdrawn_only_before_it_binds(
    draft: RuleDraft, regulator: Actor, colleague: Actor, at: datetime, log: Log
) -> None:
    approved(draft, regulator, colleague, at)
    pack = services.publish_draft(draft=draft, by=regulator, at=at)
    queries.forget_packs()
    with pytest.raises(NotAllowed, match="in force"):
        services.withdraw_pack(pack=pack, reason="No", by=regulator, at=begins_at(DAY))

    services.withdraw_pack(pack=pack, reason="A mistake", by=regulator, at=at)
    queries.forget_packs()

    assert log()[-1] == ("rulebook.pack.withdrawn", pack.reference)
    assert get_pack("compliance", on=DAY).label == "compliance@2026-11-01"
    milder = (*STRICTER[:2], {"personal": ["PERSONAL"], "persons_from": 7000})
    again = approved(written(regulator, at, edits=[milder]), regulator, colleague, at)
    assert services.publish_draft(draft=again, by=regulator, at=at).reference.endswith("-10.2")
    queries.forget_packs()
    assert get_pack("compliance", on=DAY).label == "compliance@2026-12-10.2"


def test_a_draft_begun_from_what_will_not_be_replaced_is_refused(
    regulator: Actor, colleague: Actor, at: datetime
) -> None:
    first, second = written(regulator, at), written(regulator, at, day=date(2026, 12, 20))
    approved(first, regulator, colleague, at)
    services.publish_draft(draft=first, by=regulator, at=at)
    queries.forget_packs()

    with pytest.raises(Invalid, match="begun from compliance@2026-11-01"):
        services.propose_draft(draft=second, by=regulator, at=at)

    third = services.start_draft(
        kind="compliance", reason="More", base="compliance@2026-12-10", by=regulator, at=at
    )
    assert third.text == get_pack("compliance", on=DAY).text


def test_a_published_text_never_changes(
    draft: RuleDraft, regulator: Actor, colleague: Actor, at: datetime
) -> None:
    approved(draft, regulator, colleague, at)
    services.publish_draft(draft=draft, by=regulator, at=at)

    with pytest.raises(IntegrityError), transaction.atomic():
        PackText.objects.update(text="title = 'none'")
    with pytest.raises(IntegrityError), transaction.atomic():
        PackText.objects.all().delete()
    with pytest.raises(NotAllowed, match="closed"):
        services.discard_draft(draft=draft, reason="x", by=regulator, at=at)


@pytest.mark.parametrize(
    ("table", "key", "value", "place"),
    [
        (("rules", "R-CORE"), "action", "REVIEW", "rules.R-CORE.action"),
        (("rules", "R-CORE"), "override", "REGULATOR", "rules.R-CORE.override"),
        (("rules", "R-CORE"), "enabled", False, "rules.R-CORE.enabled"),
        (("rules", "R-CORE"), "when", {"grade": ["IMPORTANT"]}, "rules.R-CORE.when"),
        (
            ("rules", "R-CORE"),
            "when",
            {"grade": ["CORE"], "persons_from": 9},
            "rules.R-CORE.when",
        ),
        (("rules", "R-SECRET"), "when", {"themes": ["TRACK"]}, "rules.R-SECRET.when"),
        (
            ("rules", "R-SECRET"),
            "relief",
            [{"manual": "has_consent", "action": "ALLOW", "override": "OPERATOR"}],
            "rules.R-SECRET.relief",
        ),
        (("rules", "R-SECRET"), "id", "R-OTHER", "rules.R-SECRET"),
        (
            ("matrix",),
            "ECONOMY",
            {"EXTREME": "IMPORTANT", "SERIOUS": "IMPORTANT", "MODERATE": "GENERAL"},
            "matrix.ECONOMY.EXTREME",
        ),
        (("themes", "SECRECY"), "all", [["secrecy_marking"]], "themes.SECRECY.all"),
        (("themes", "SECRECY"), "all", [["secrecy_marking"], ["@person"]], "themes.SECRECY.all"),
        (("entities", "secrecy_marking"), "min_hits", 50, "entities.secrecy_marking.min_hits"),
        (("words",), "secrecy_mark", "绝密★", "words.secrecy_mark"),
        (("rules", "R-VOLUME"), "action", "WARN", "rules.R-VOLUME.action"),
        (("rules", "R-VOLUME"), "when", {"themes": ["NONE"]}, "rules.R-VOLUME.when.themes"),
        (("rules", "R-VOLUME"), "remedy_zh", "", "rules.R-VOLUME.remedy_zh"),
        (("rules", "R-VOLUME"), "remedy_en", None, "rules.R-VOLUME.remedy_en"),
        (("rules", "R-VOLUME"), "acton", "BLOCK", "rules.R-VOLUME.acton"),
        (("rules", "R-VOLUME"), "when", None, "rules.R-VOLUME.when"),
        (("rules", "R-PI-RAW"), "enforced", "ORDER", "rules.R-PI-RAW.enforced"),
        (("rules", "R-EXPORT"), "enforced", "MARKET", "rules.R-EXPORT.enforced"),
        (("rules", "R-EXPORT"), "enabled", False, "rules.R-EXPORT.enabled"),
        (("rules", "R-FOREIGN-LE"), "enabled", False, "rules.R-FOREIGN-LE.enabled"),
        (("rules", "R-MONO"), "enforced", None, "rules.R-MONO.enforced"),
        (("gates",), "MARKET", None, "rules.R-MONO.enforced"),
        (("thresholds",), "minor_age", "fourteen", "thresholds.minor_age"),
        (("themes", "TRACK"), "all", [["whereabouts"]], "themes.TRACK"),
    ],
)
def test_a_version_that_is_wrong_or_weakens_the_law_cannot_be_proposed(
    table: tuple[str, ...], key: str, value: object, place: str, regulator: Actor, at: datetime,
    log: Log,
) -> None:  # fmt: skip
    draft = written(regulator, at)
    text = set_value(draft.text, table, key, value)
    services.edit_draft(draft=draft, text=text, expected_version=2, by=regulator, at=at)
    before = log()

    with pytest.raises(Invalid) as refused:
        services.propose_draft(draft=draft, by=regulator, at=at)

    assert any(str(text).startswith(f"{place}:") for text in refused.value.fields["text"])
    assert log() == before


@pytest.mark.parametrize("name", ["R-PI-RAW", "R-CORE"])
def test_no_rule_is_taken_from_the_screening_by_naming_another_gate(
    name: str, regulator: Actor, at: datetime
) -> None:
    edits = [(("rules", name), "when", None), (("rules", name), "enforced", "ORDER")]
    draft = written(regulator, at, edits=edits)

    with pytest.raises(Invalid) as refused:
        services.propose_draft(draft=draft, by=regulator, at=at)

    places = {str(text).partition(":")[0] for text in refused.value.fields["text"]}
    assert {f"rules.{name}.enforced", f"rules.{name}.when"} <= places


def test_what_is_not_toml_says_where(regulator: Actor, at: datetime) -> None:
    draft = written(regulator, at)
    services.edit_draft(draft=draft, text="a = [\n1", expected_version=2, by=regulator, at=at)

    with pytest.raises(Invalid, match=r"line 2|end of document"):
        services.propose_draft(draft=draft, by=regulator, at=at)


def test_stricter_rules_pass(regulator: Actor, at: datetime) -> None:
    draft = written(regulator, at)
    text = set_value(draft.text, ("entities", "military_facility"), "min_hits", 1)
    text = set_value(text, ("matrix",), "ECONOMY", {
        "EXTREME": "CORE", "SERIOUS": "CORE", "MODERATE": "IMPORTANT",
    })  # fmt: skip
    text = set_value(text, ("rules", "R-CRAWL"), "enabled", False)
    services.edit_draft(draft=draft, text=text, expected_version=2, by=regulator, at=at)

    assert services.propose_draft(draft=draft, by=regulator, at=at).status == "PROPOSED"


def test_only_persons_of_the_regulator_write_rules(  # noqa: PLR0917
    draft: RuleDraft, provider: Actor, buyer: Actor, operator: Actor, anonymous: Actor,
    regulator: Actor, regulator_org: Organization, at: datetime, log: Log,
) -> None:  # fmt: skip
    viewer = actor_for_user(make_member(regulator_org, "VIEWER", at, "looker"))
    token = Actor(
        kind=ActorKind.TOKEN, id="token:1", organization=regulator.organization,
        roles=regulator.roles, member_role="ADMIN", scopes=frozenset({"regulate"}),
    )  # fmt: skip
    before = log()

    for actor in (provider, buyer, operator, anonymous, viewer, token):
        with pytest.raises(NotAllowed):
            services.start_draft(kind="fees", reason="Mine", by=actor, at=at)
        with pytest.raises(NotAllowed):
            services.edit_draft(draft=draft, text="a = 1", expected_version=2, by=actor, at=at)
        with pytest.raises(NotAllowed):
            services.propose_draft(draft=draft, by=actor, at=at)
        with pytest.raises(NotAllowed):
            services.discard_draft(draft=draft, reason="x", by=actor, at=at)
    for actor in (provider, operator, anonymous):
        with pytest.raises(NotFound):
            queries.get_draft_for(actor, draft.reference)

    assert RuleDraft.objects.get().version == 2
    assert log() == before
