"""Typed events: what may be said in the log, and in which words."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import (
    Annotated,
    Any,
    ClassVar,
    TypeVar,
    cast,
    dataclass_transform,
    get_args,
    get_type_hints,
)

from django.utils.functional import Promise

type_marker = object()
Ref = Annotated[str, type_marker]
"""A field that names a thing of the exchange; its name is the kind, its value the reference."""
list_marker = object()
Refs = Annotated[str, list_marker]
"""A field that names several things of one kind, separated by commas: `rules` names each rule."""

SCALARS = (str, int, bool, type(None))
REGISTRY: dict[str, type["Event"]] = {}


@dataclasses.dataclass(frozen=True)
class Personal:
    """A statement about a natural person, such as its name and address.

    In the entry it is a salted commitment under `pii`; the statement itself is kept apart, under
    a key of the person's that erasure destroys (`audit.log.personal`). `person` is the pseudonym
    under which the person stands in the log (the `member` reference).
    """

    person: str
    value: Mapping[str, str | int | bool | None]

    def __repr__(self) -> str:
        return f"<Personal of {self.person}>"


class Event:
    """A fact in the past tense. Subclasses are made by `@event` and hold scalars only.

    The first `Ref` field is the subject. What an event says of a natural person is a `Personal`
    field and never enters the entry in clear (《个人信息保护法》第四十七条).
    """

    name: ClassVar[str]
    label: ClassVar[str | Promise]
    version: ClassVar[int]
    references: ClassVar[tuple[str, ...]]
    listings: ClassVar[tuple[str, ...]] = ()
    statement_fields: ClassVar[tuple[str, ...]] = ()

    @property
    def subject(self) -> tuple[str, str]:
        """Kind and reference of the thing this event is about."""
        kind = self.references[0]
        return kind, str(getattr(self, kind))

    @property
    def refs(self) -> list[tuple[str, str]]:
        """Kind and reference of everything this event touches, the subject first."""
        return self.refs_in(vars(self))

    @classmethod
    def refs_in(cls, body: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return what `refs` is for an event of this type with the fields `body`."""
        pairs = [(kind, str(body[kind])) for kind in cls.references if body.get(kind)]
        for field in cls.listings:
            named = dict.fromkeys(str(body.get(field) or "").split(","))
            pairs += [(field.removesuffix("s"), one) for one in named if one]
        return pairs

    def body(self) -> dict[str, str | int | bool | None]:
        """Return the event's own fields, ready for the canonical form."""
        values = {k: v for k, v in vars(self).items() if k not in self.statement_fields}
        for field, value in values.items():
            if not isinstance(value, SCALARS):
                msg = f"{self.name}.{field} is {type(value).__name__}; events hold scalars only"
                raise TypeError(msg)
        return values

    def statements(self) -> dict[str, Personal]:
        """Return what the event says of natural persons, by field."""
        said = ((name, getattr(self, name)) for name in self.statement_fields)
        return {name: statement for name, statement in said if statement is not None}


E = TypeVar("E", bound=Event)


@dataclass_transform(kw_only_default=True, frozen_default=True)
def event(name: str, *, label: str | Promise, version: int = 1) -> Callable[[type[E]], type[E]]:
    """Make a class a registered event named `name` (`app.subject.happened`), never renamed."""

    def register(cls: type[E]) -> type[E]:
        made = dataclasses.dataclass(frozen=True, kw_only=True)(cls)
        hints = get_type_hints(made, include_extras=True)
        made.name, made.label, made.version = name, label, version
        made.references, made.listings = (
            tuple(
                field.name
                for field in dataclasses.fields(cast(Any, made))
                if marker in getattr(hints[field.name], "__metadata__", ())
            )
            for marker in (type_marker, list_marker)
        )
        made.statement_fields = tuple(
            field.name
            for field in dataclasses.fields(cast(Any, made))
            if hints[field.name] is Personal or Personal in get_args(hints[field.name])
        )
        for field in dataclasses.fields(cast(Any, made)):
            if field.name in made.statement_fields and field.default is not None:
                msg = f"{name}.{field.name} may be erased, so its default is None"
                raise TypeError(msg)
        if not made.references:
            msg = f"{name} has no Ref field, so nobody could find it"
            raise TypeError(msg)
        if name in REGISTRY and REGISTRY[name].__qualname__ != made.__qualname__:
            msg = f"two events are named {name}"
            raise TypeError(msg)
        REGISTRY[name] = made
        return made

    return register


def label_of(name: str) -> str:
    """Return the event's label in the current language, or its name when it is not known here."""
    known = REGISTRY.get(name)
    return str(known.label) if known else name
