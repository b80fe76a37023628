"""What a text has to say to be compliance rules, and what no version of them may weaken.

Core data and secrets are kept from trade by law, not by this exchange: a version that would let
more of either through is refused here, whoever wrote it (《网络数据安全管理条例》第六十三条,
《数据安全法》第五十三条).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from audit.rulebook.queries import Pack
from audit.rulebook.schemas import Fault, schema_of

from .grading import ACTIONS, GRADES, OVERRIDES, QUESTIONS, grade
from .manual_text import TOLD
from .scanner import Lexicon, ScanReport
from .states import PersonalClass

LOCKED: Final = {
    "R-CORE": ("grade", "CORE"),
    "R-SECRET": ("themes", "SECRECY"),
    "R-MODEL-CORE": ("manual", "model_of_core"),
}
"""Rules that no version switches off or opens to an exception, with what has to make them fire."""
ALWAYS_ASKED: Final = frozenset({"R-EXPORT", "R-FOREIGN-LE"})
"""Rules of gates that no version switches off: data does not leave by a text of the exchange."""
TABLE_1: Final = {
    "NATIONAL_SECURITY": {"EXTREME": "CORE", "SERIOUS": "CORE", "MODERATE": "IMPORTANT"},
    "ECONOMY": {"EXTREME": "CORE", "SERIOUS": "IMPORTANT", "MODERATE": "GENERAL"},
    "SOCIAL_ORDER": {"EXTREME": "CORE", "SERIOUS": "IMPORTANT", "MODERATE": "GENERAL"},
    "PUBLIC_INTEREST": {"EXTREME": "CORE", "SERIOUS": "IMPORTANT", "MODERATE": "GENERAL"},
}
"""GB/T 43697-2024 Table 1, the least that a version's matrix says."""
MORE_IS_WEAKER: Final = frozenset(
    {
        "min_hits",
        "min_share",
        "min_distinct",
        "min_pass",
        "share",
        "named_share",
        "count",
        "chance",
        "persons_from",
    }
)
LESS_IS_WEAKER: Final = frozenset({"base"})
EXCUSES: Final = frozenset({"unless", "yields_to"})
WORDS: Final = frozenset({"en", "zh", "factor", "category"})
WHEN: Final = frozenset({"grade", "personal", "themes", "persons_from", "volume", "told", "manual"})
Data = Mapping[str, Any]


@schema_of(
    "compliance",
    optional={
        "rules": {"enabled": bool, "relief": list},
        "themes": {
            "count": int,
            "among": list,
            "impact": list,
            "factor": str,
            "sensitive": bool,
            "persons_from": int,
            "unless_manual": str,
        },
    },
)
def check_compliance(data: Data, base: Pack) -> Iterator[Fault]:
    """Yield what is wrong in the rules, what would weaken the law, and what names nothing."""
    rules = {str(rule["id"]): rule for rule in data["rules"]}
    before = {str(rule["id"]): rule for rule in base.data["rules"]}
    for name, rule in rules.items():
        yield from _rule(name, rule, data, before.get(name))
    yield from _locked(rules)
    yield from _matrix(data)
    yield from _themes(data, base.data)
    yield from _protected(data, base.data)
    _try(data, base)


def _rule(name: str, rule: Data, data: Data, before: Data | None) -> Iterator[Fault]:
    place = f"rules.{name}"
    yield from _one_of(f"{place}.action", rule["action"], ACTIONS[1:])
    yield from _one_of(f"{place}.override", rule["override"], OVERRIDES)
    yield from _kept_on(name, rule)
    gate = (before or {}).get("enforced")
    yield from _gate(f"{place}.enforced", rule.get("enforced"), gate, tuple(data["gates"]))
    if gate:
        return
    when, known = rule.get("when", {}), WHEN | set((before or {}).get("when", ()))
    if not when:
        yield Fault(f"{place}.when", _("The rule names nothing that makes it fire."))
    choices: dict[str, Sequence[str]] = {
        "grade": GRADES,
        "personal": PersonalClass.values,
        "themes": list(data["themes"]),
        "volume": [str(line["id"]) for line in data["volume"]["lines"]],
        "told": TOLD,
    }
    for key, value in when.items():
        if key not in known:
            yield Fault(
                f"{place}.when.{key}",
                _("This is not known here."),
                _("Use one of %(known)s.") % {"known": ", ".join(sorted(known))},
            )
        elif key in choices:
            for each in value:
                yield from _one_of(f"{place}.when.{key}", each, choices[key])
        elif key == "persons_from":
            yield from _figure(f"{place}.when.{key}", value)
        elif key == "manual":
            yield from _one_of(f"{place}.when.{key}", value, tuple(QUESTIONS))
    for relief in rule.get("relief", ()):
        yield from _relief(f"{place}.relief", relief)


def _kept_on(name: str, rule: Data) -> Iterator[Fault]:
    """Hold on what the law asks whenever data leaves (《数据安全法》第三十一条、第三十六条)."""
    if name in ALWAYS_ASKED and rule.get("enabled", True) is not True:
        yield Fault(
            f"rules.{name}.enabled",
            _("This rule cannot be switched off."),
            _("The law asks it whenever data leaves the mainland."),
        )


def _gate(place: str, said: Any, before: Any, known: Sequence[str]) -> Iterator[Fault]:
    """Hold a rule at the gate that asks it, or at the screening: a text cannot make others ask."""
    if said != before:
        yield Fault(
            place,
            _("What a gate asks stands in the program; a version moves no rule there or away."),
            _("Leave it as in the version in force; `enabled` switches a rule off."),
        )
    elif said:
        yield from _one_of(place, said, known)


def _relief(place: str, relief: Any) -> Iterator[Fault]:
    if not isinstance(relief, Mapping) or not {"action", "override"} <= relief.keys():
        yield Fault(place, _("A relief names an action and who may decide."))
        return
    yield from _one_of(f"{place}.action", relief["action"], ACTIONS)
    yield from _one_of(f"{place}.override", relief["override"], OVERRIDES)
    if "manual" in relief:
        yield from _one_of(f"{place}.manual", relief["manual"], tuple(QUESTIONS))
    elif "few" in relief:
        yield from _figure(f"{place}.few", relief["few"])
    else:
        yield Fault(place, _("A relief names what it is given for: manual or few."))


def _locked(rules: Mapping[str, Data]) -> Iterator[Fault]:
    """Hold the law's minimum: always on, blocking, without exception."""
    law = _("The law forbids this trade; no version of the rules may allow it.")
    for name, (key, value) in LOCKED.items():
        place, rule = f"rules.{name}", rules.get(name)
        if rule is None:
            yield Fault(place, _("This rule is missing."), law)
            continue
        if rule.get("enabled", True) is not True:
            yield Fault(f"{place}.enabled", _("This rule cannot be switched off."), law)
        if rule["action"] != "BLOCK":
            yield Fault(f"{place}.action", _("This rule blocks."), law)
        if rule["override"] != "NONE":
            yield Fault(f"{place}.override", _("This rule knows no exception."), law)
        if rule.get("relief"):
            yield Fault(f"{place}.relief", _("This rule knows no relief."), law)
        when = rule.get("when", {})
        if set(when) != {key} or value not in when.get(key, ()):
            yield Fault(
                f"{place}.when",
                _("It has to fire for %(what)s, whatever else is true.") % {"what": value},
                law,
            )


def _matrix(data: Data) -> Iterator[Fault]:
    for affected, degrees in TABLE_1.items():
        for degree, least in degrees.items():
            place = f"matrix.{affected}.{degree}"
            given = data["matrix"].get(affected, {}).get(degree)
            if given not in GRADES:
                yield from _one_of(place, given, GRADES)
            elif GRADES.index(given) < GRADES.index(least):
                yield Fault(
                    place,
                    _("GB/T 43697-2024 Table 1 asks for %(least)s at least.") % {"least": least},
                    _("Grade higher, not lower."),
                )


def _themes(data: Data, base: Data) -> Iterator[Fault]:
    """Ask that themes name content that is defined, and a harm that the matrix knows."""
    known = set(data["entities"]).union(*map(_named, base["themes"].values()))
    for name, theme in data["themes"].items():
        for each in sorted(_named(theme) - known):
            yield Fault(
                f"themes.{name}",
                _("%(name)s is not defined under entities.") % {"name": each},
                _("Define it, or take it out."),
            )
        if theme.get("impact") and not _knows_harm(data["matrix"], theme["impact"]):
            yield Fault(f"themes.{name}.impact", _("The matrix knows no such harm."))


def _knows_harm(matrix: Data, impact: Sequence[str]) -> bool:
    """Whether a harm is an object and a degree of the matrix."""
    return len(impact) == len(("object", "degree")) and impact[1] in matrix.get(impact[0], {})


def _named(theme: Data) -> set[str]:
    groups = [*theme.get("all", ()), theme.get("among", ())]
    return {str(each) for group in groups for each in group if not str(each).startswith("@")}


def _protected(data: Data, base: Data) -> Iterator[Fault]:
    """Keep what leads to core data or secrecy at least as watchful as it was."""
    entities: set[str] = set()
    criteria = {row.get("id"): row for row in data.get("core", ())}
    for row in base.get("core", ()):
        place, kept = f"core.{row['id']}", criteria.get(row["id"])
        yield from [_weaker(place)] if kept is None else _no_weaker(place, kept, row)
    for name, theme in base["themes"].items():
        if name != "SECRECY" and not _is_core(theme, base):
            continue
        entities |= {each for group in theme["all"] for each in group}
        place, now = f"themes.{name}", data["themes"].get(name)
        if now is None:
            yield _weaker(place)
            continue
        if _is_core(theme, base) and not _is_core(now, data):
            yield _weaker(f"{place}.impact")
        if not _met_as_easily(now["all"], theme["all"]):
            yield _weaker(f"{place}.all")
        yield from _no_weaker(place, now, theme, skip={"all", "impact"})
    for name in sorted(entities & base["entities"].keys()):
        now = data["entities"].get(name)
        if now is None:
            yield _weaker(f"entities.{name}")
        else:
            yield from _no_weaker(f"entities.{name}", now, base["entities"][name])
            yield from _words(base["entities"][name], data, base)


def _words(entity: Data, data: Data, base: Data) -> Iterator[Fault]:
    """Keep the words by which such content is known, and no more words that excuse it."""
    for key in ("kinds", "shapes", "unless"):
        groups = {each.partition(":")[2] for each in entity.get(key, ()) if ":" in each}
        for name in sorted(base["words"].keys() & _with_translations(groups, base)):
            old, new = (set(each["words"].get(name, "").split()) for each in (base, data))
            if not (new <= old if key == "unless" else old <= new):
                yield _weaker(f"words.{name}")


def _with_translations(groups: set[str], base: Data) -> set[str]:
    return {name for name in base["words"] for group in groups if name.startswith(group)}


def _is_core(theme: Data, data: Data) -> bool:
    impact = theme.get("impact") or ("", "")
    return bool(data["matrix"].get(impact[0], {}).get(impact[1]) == "CORE")


def _met_as_easily(now: Sequence[Sequence[str]], before: Sequence[Sequence[str]]) -> bool:
    """Whether each group asked for now holds every alternative of a group asked for before."""
    return all(any(set(old) <= set(group) for old in before) for group in now)


def _no_weaker(
    place: str, now: Data, before: Data, skip: set[str] | frozenset[str] = frozenset()
) -> Iterator[Fault]:
    for key in (now.keys() | before.keys()) - skip - WORDS:
        old, new = before.get(key), now.get(key)
        if key in EXCUSES:
            fine = all(each in (old or ()) for each in new or ())
        elif isinstance(old, list):
            fine = isinstance(new, list) and all(each in new for each in old)
        elif key in MORE_IS_WEAKER:
            fine = new is None or (old is not None and new <= old)
        elif key in LESS_IS_WEAKER:
            fine = new is not None and (old is None or new >= old)
        else:
            fine = new == old
        if not fine:
            yield _weaker(f"{place}.{key}")


def _weaker(place: str) -> Fault:
    return Fault(
        place,
        _("Core data or secrets would be found less easily than under the version before."),
        _("It may be made stricter, not weaker."),
    )


def _one_of(place: str, value: Any, known: Sequence[str]) -> Iterator[Fault]:
    if value not in known:
        yield Fault(
            place,
            _("%(value)s is not known here.") % {"value": value},
            _("Use one of %(known)s.") % {"known": ", ".join(map(str, known))},
        )


def _figure(place: str, value: Any) -> Iterator[Fault]:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        yield Fault(place, _("This has to be a whole number from 1."))


def _try(data: Data, base: Pack) -> None:
    """Work by the rules once; what they name wrongly shows here."""
    on: date = base.effective_on
    Lexicon(data, as_of=on)
    grade(ScanReport(0, 0, ()), data, on=on)
