"""What the log's room says to others: refusals, actors, references, labels, triggers."""

import re
from datetime import datetime

import pytest
from django.utils.translation import gettext_lazy as _

from audit.log.actors import Actor, ActorKind
from audit.log.canonical import canonical
from audit.log.errors import DomainError, Gone, Invalid, NotAllowed, WrongState
from audit.log.events import Event, Personal, Ref, Refs, event, label_of
from audit.log.immutability import _Guard
from audit.log.notes import make_note
from audit.log.references import ALPHABET, new_reference
from audit.log.signing import get_signer


def test_a_refusal_is_a_problem_document() -> None:
    refusal = NotAllowed(_("Only the buyer may do this"))

    assert str(refusal) == "Only the buyer may do this"
    assert refusal.args == ("Only the buyer may do this",)
    assert refusal.as_problem() == {
        "code": "not-allowed",
        "title": "This is not allowed",
        "status": 403,
        "detail": "Only the buyer may do this",
    }


def test_a_refusal_without_words_says_its_title() -> None:
    assert str(DomainError()) == "The request could not be carried out"
    assert Gone().as_problem() == {
        "code": "gone",
        "title": "This has been removed meanwhile",
        "status": 410,
        "detail": "This has been removed meanwhile",
    }


def test_invalid_input_names_each_field() -> None:
    refusal = Invalid({"price": ["is missing", "is no amount"], "title": ["is too long"]})

    assert str(refusal) == "price: is missing is no amount; title: is too long"
    assert refusal.fields == {
        "price": ["is missing", "is no amount"],
        "title": ["is too long"],
    }
    assert refusal.as_problem() == {
        "code": "invalid",
        "title": "Some fields need correction",
        "status": 422,
        "detail": "price: is missing is no amount; title: is too long",
        "errors": [
            {"field": "price", "message": "is missing"},
            {"field": "price", "message": "is no amount"},
            {"field": "title", "message": "is too long"},
        ],
    }
    assert str(Invalid({"price": ["is missing"]}, "Look again")) == "Look again"


def test_a_wrong_state_says_what_is_possible() -> None:
    refusal = WrongState(subject="O-1", status="PLACED", allowed=("accept", "cancel"))

    assert str(refusal) == "O-1 is PLACED; possible now: accept, cancel."
    assert (refusal.subject, refusal.current, refusal.allowed) == (
        "O-1",
        "PLACED",
        ["accept", "cancel"],
    )
    assert refusal.as_problem() == {
        "code": "wrong-state",
        "title": "This step is not possible in the present state",
        "status": 409,
        "detail": "O-1 is PLACED; possible now: accept, cancel.",
        "state": "PLACED",
        "allowed_actions": ["accept", "cancel"],
    }
    assert str(WrongState(subject="O-1", status="X", allowed=())).endswith("possible now: –.")


def test_actors_without_a_person() -> None:
    system = Actor.system("settlement", request_id="r1")
    nobody = Actor.anonymous(request_id="r2")

    assert (system.kind, system.id, system.request_id) == (
        ActorKind.SYSTEM,
        "system:settlement",
        "r1",
    )
    assert (nobody.kind, nobody.id, nobody.request_id) == (ActorKind.ANONYMOUS, "anonymous", "r2")
    assert (system.is_system, system.is_identified, system.may_write, system.is_admin) == (
        True,
        True,
        True,
        True,
    )
    assert (nobody.is_system, nobody.is_identified, nobody.may_write, nobody.is_admin) == (
        False,
        False,
        False,
        False,
    )
    assert (Actor.system("x").request_id, Actor.anonymous().request_id) == ("", "")


@pytest.mark.parametrize(
    ("role", "may_write", "is_admin"),
    [("ADMIN", True, True), ("TRADER", True, False), ("VIEWER", False, False), ("", False, False)],
)
def test_what_a_place_in_an_organization_allows(
    role: str,
    may_write: bool,  # noqa: FBT001  a column of the table above
    is_admin: bool,  # noqa: FBT001
) -> None:
    member = Actor(kind=ActorKind.USER, id="user:1", member_role=role)

    assert (member.may_write, member.is_admin) == (may_write, is_admin)


def test_roles_and_scopes() -> None:
    actor = Actor(kind=ActorKind.USER, id="user:1", roles=frozenset({"BUYER", "PROVIDER"}))
    token = Actor(kind=ActorKind.TOKEN, id="token:1", scopes=frozenset({"read"}))

    assert actor.has_role("BUYER")
    assert actor.has_role("REGULATOR", "PROVIDER")
    assert not actor.has_role("REGULATOR")
    assert not actor.has_role()
    assert actor.has_scope("write")
    assert token.has_scope("read")
    assert not token.has_scope("write")


def test_references_are_short_and_drawn(at: datetime) -> None:
    drawn = {new_reference("P", at) for _each in range(200)}

    assert len(drawn) == 200
    assert all(re.fullmatch(rf"P-2026-[{ALPHABET}]{{8}}", each) for each in drawn)
    assert set("".join(each[7:] for each in drawn)) == set(ALPHABET)


@event("log.test.spoken", label=_("words"), version=3)
class Spoken(Event):
    """Something was said of somebody."""

    order: Ref
    said: Personal | None = None
    also: Personal | None = None


def test_events_tell_label_and_statements() -> None:
    person = Personal(person="member:1", value={"name": "王"})
    spoken = Spoken(order="O-1", said=person)

    assert label_of("log.test.spoken") == "words"
    assert label_of("log.test.never-heard") == "log.test.never-heard"
    assert spoken.statements() == {"said": person}
    assert spoken.body() == {"order": "O-1"}
    assert (spoken.version, spoken.subject, spoken.refs) == (
        3,
        ("order", "O-1"),
        [("order", "O-1")],
    )
    assert "王" not in repr(spoken)


def test_a_float_is_refused_by_its_place() -> None:
    with pytest.raises(TypeError, match=r"^\$\.a\.b\[1\] is a float; write amounts and rates"):
        canonical({"a": {"b": ["1", 0.5]}})


def test_a_note_ends_with_a_newline() -> None:
    with pytest.raises(ValueError, match=r"^the text of a note ends with a newline$"):
        make_note("no newline", get_signer("contract"))


def _quote(name: str) -> str:
    return f"[{name}]"


GUARD = _Guard(table="t", keys=[("id",), ("a", "b")], columns=("amount",), quote=_quote)
ANY_CHANGE = _Guard(table="t", keys=[("id",)], columns=(), quote=_quote)
TOUCHED = " OR ".join(f"OLD.[{c}] %s NEW.[{c}]" for c in ("a", "amount", "b", "id"))


def test_the_triggers_of_postgresql() -> None:
    differs = TOUCHED % (("IS DISTINCT FROM",) * 4)

    assert list(GUARD.create_postgresql()) == [
        (
            "CREATE FUNCTION [t_append_only]() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 't is append-only' USING ERRCODE = 'integrity_constraint_violation'; "
            "END $$"
        ),
        (
            f"CREATE TRIGGER [t_no_update] BEFORE UPDATE ON [t] FOR EACH ROW WHEN ({differs}) "
            "EXECUTE FUNCTION [t_append_only]()"
        ),
        "ALTER TABLE [t] ENABLE ALWAYS TRIGGER [t_no_update]",
        (
            "CREATE TRIGGER [t_no_delete] BEFORE DELETE ON [t] FOR EACH ROW  "
            "EXECUTE FUNCTION [t_append_only]()"
        ),
        "ALTER TABLE [t] ENABLE ALWAYS TRIGGER [t_no_delete]",
        (
            "CREATE TRIGGER [t_no_truncate] BEFORE TRUNCATE ON [t] FOR EACH STATEMENT  "
            "EXECUTE FUNCTION [t_append_only]()"
        ),
        "ALTER TABLE [t] ENABLE ALWAYS TRIGGER [t_no_truncate]",
    ]
    assert list(GUARD.drop_postgresql()) == [
        "DROP TRIGGER [t_no_update] ON [t]",
        "DROP TRIGGER [t_no_delete] ON [t]",
        "DROP TRIGGER [t_no_truncate] ON [t]",
        "DROP FUNCTION [t_append_only]()",
    ]


def test_the_triggers_of_sqlite() -> None:
    differs = TOUCHED % (("IS NOT",) * 4)

    assert list(GUARD.create_sqlite()) == [
        (
            f"CREATE TRIGGER [t_no_update] BEFORE UPDATE ON [t] WHEN ({differs}) "
            "BEGIN SELECT RAISE(ABORT, 't is append-only'); END"
        ),
        (
            "CREATE TRIGGER [t_no_delete] BEFORE DELETE ON [t]  "
            "BEGIN SELECT RAISE(ABORT, 't is append-only'); END"
        ),
        (
            "CREATE TRIGGER [t_no_replace] BEFORE INSERT ON [t] WHEN EXISTS "
            "(SELECT 1 FROM [t] WHERE ([id] = NEW.[id]) OR ([a] = NEW.[a] AND [b] = NEW.[b])) "
            "BEGIN SELECT RAISE(ABORT, 't is append-only'); END"
        ),
    ]
    assert next(ANY_CHANGE.create_sqlite()) == (
        "CREATE TRIGGER [t_no_update] BEFORE UPDATE ON [t]  "
        "BEGIN SELECT RAISE(ABORT, 't is append-only'); END"
    )
    assert list(GUARD.drop_sqlite()) == [
        "DROP TRIGGER [t_no_update]",
        "DROP TRIGGER [t_no_delete]",
        "DROP TRIGGER [t_no_replace]",
    ]


def test_an_event_class_is_read_when_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.log.events.REGISTRY", {})

    @event("log.test.made", label="made", version=2)
    class Made(Event):
        order: Ref
        product: Ref = ""
        rules: Refs = ""
        note: str = ""
        said: Personal | None = None

    assert (Made.name, Made.label, Made.version) == ("log.test.made", "made", 2)
    assert (Made.references, Made.listings, Made.statement_fields) == (
        ("order", "product"),
        ("rules",),
        ("said",),
    )
    made = Made(order="O-1", rules="R-1,R-2,R-1", note="n")
    assert made.refs == [("order", "O-1"), ("rule", "R-1"), ("rule", "R-2")]
    assert made.statements() == {}
    with pytest.raises(AttributeError):
        made.note = "other"  # type: ignore[misc]
    with pytest.raises(TypeError, match=r"^two events are named log\.test\.made$"):

        @event("log.test.made", label="again")
        class Other(Event):
            order: Ref

    with pytest.raises(TypeError, match=r"^log\.test\.lost has no Ref field, so nobody could"):

        @event("log.test.lost", label="lost")
        class Lost(Event):
            note: str

    with pytest.raises(TypeError, match=r"^log\.test\.kept\.said may be erased, so its default"):

        @event("log.test.kept", label="kept")
        class Kept(Event):
            order: Ref
            said: Personal


def test_an_event_holds_scalars_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.log.events.REGISTRY", {})
    odd = event("log.test.odd", label="odd")(
        type("Odd", (Event,), {"__annotations__": {"order": Ref, "note": object}})
    )

    with pytest.raises(TypeError, match=r"^log\.test\.odd\.note is list; events hold scalars"):
        odd(order="O-1", note=["a"]).body()
