"""A decision on export in words: which rule, on what basis, what to do, what is wanting."""

from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from audit.log.errors import NotAllowed

from .export import Told, standing
from .export.scope import Gap
from .exports import Weighed
from .states import FilingKind, Whereabouts

OUTCOMES = {
    "INSIDE": gettext_lazy("stays on the mainland"),
    "EXEMPT": gettext_lazy("no mechanism needed"),
    "CONTRACT": gettext_lazy("standard contract or certification"),
    "SECURITY_ASSESSMENT": gettext_lazy("security assessment"),
    "DENY": gettext_lazy("not possible"),
}
LINES = {
    "ordinary_contract_from": gettext_lazy("standard contract or certification"),
    "ordinary_assessment_from": gettext_lazy("security assessment"),
    "sensitive_contract_from": gettext_lazy("standard contract or certification, sensitive"),
    "sensitive_assessment_from": gettext_lazy("security assessment, sensitive"),
}
HEADS = {
    "UNVERIFIED": gettext_lazy("not verified yet"),
    "NOT_YET": gettext_lazy("not in force before"),
    "EXPIRED": gettext_lazy("over since"),
    "USE": gettext_lazy("does not cover the purpose"),
    "RECIPIENT": gettext_lazy("does not cover the recipient"),
    "PRODUCT": gettext_lazy("does not cover the product"),
    "FIELDS": gettext_lazy("does not cover the fields"),
    "PLACE": gettext_lazy("does not cover the places"),
    "PARTNER": gettext_lazy("is with the other side; the data also reaches"),
    "SCALE": gettext_lazy("covers fewer persons (asked, covered; ordinary + sensitive)"),
}


class ExportRefused(NotAllowed):
    """The data may not leave the mainland now; `export` says what it needs."""

    code = "export-refused"
    title = gettext_lazy("The data may not leave the mainland now")

    def __init__(self, weighed: Weighed) -> None:
        self.export = describe(weighed)
        super().__init__(why_refused(weighed))

    def as_problem(self) -> dict[str, Any]:
        return super().as_problem() | {"export": self.export}


def tongue() -> str:
    """Return the language of the two in which the rules speak to the reader."""
    return "zh" if (get_language() or "").startswith("zh") else "en"


def describe(weighed: Weighed, *, whole: bool = False) -> dict[str, Any]:
    """Return a decision for pages and machines, in the reader's language.

    `whole` is for the provider itself and the watch: how far its year has come, and in what its
    evidence falls short. Others are told what is needed, not what the provider did.
    """
    told = _described(weighed)
    if whole:
        told |= _own_affairs(weighed)
    else:
        for rule in told["rules"]:
            rule["by"], rule["short"] = "", []
    return told


def _own_affairs(weighed: Weighed) -> dict[str, Any]:
    situation = weighed.situation
    return {
        "year": {
            "ordinary": situation.so_far.ordinary,
            "sensitive": situation.so_far.sensitive,
            "with_ordinary": situation.with_cargo.ordinary,
            "with_sensitive": situation.with_cargo.sensitive,
        },
        "lines": [
            {
                "name": line.name,
                "label": str(LINES[line.name]),
                "kind": line.kind,
                "at": line.at,
                "count": count,
                "percent": percent,
            }
            for line, count, percent in standing(weighed.rules.lines, situation.with_cargo)
        ],
    }


def _described(weighed: Weighed) -> dict[str, Any]:
    decision, situation = weighed.decision, weighed.situation
    ground = weighed.rules.grounds.get(decision.ground)
    return {
        "outcome": decision.outcome,
        "outcome_label": str(OUTCOMES[decision.outcome]),
        "allowed": decision.allowed,
        "accepted": [
            {"kind": kind, "label": str(FilingKind(kind).label)} for kind in decision.accepted
        ],
        "mechanism": decision.mechanism,
        "ground": decision.ground,
        "ground_label": ground.words.title[tongue()] if ground else "",
        "ground_basis": ground.words.basis[tongue()] if ground else "",
        "places": sorted(str(place) for place in situation.route.outside),
        "place_labels": sorted(str(Whereabouts(place).label) for place in situation.route.outside),
        "pack": decision.pack,
        "persons": {
            "ordinary": situation.cargo.heads.ordinary,
            "sensitive": situation.cargo.heads.sensitive,
        },
        "zone_lists": list(decision.zone.lists),
        "fields_listed": list(decision.zone.listed),
        "fields_unlisted": list(decision.zone.unlisted),
        "fields_important": list(decision.zone.important),
        "rules": [rule_in_words(told) for told in decision.told],
    }


def rule_in_words(told: Told) -> dict[str, Any]:
    """Return one rule that applied, in the reader's language."""
    words, language = told.words, tongue()
    return {
        "id": words.id,
        "title": words.title[language],
        "basis": words.basis[language],
        "remedy": words.remedy[language],
        "met": told.met,
        "by": told.by,
        "short": [
            {"filing": reference, "reasons": [gap_in_words(gap) for gap in found]}
            for reference, found in told.short
        ],
    }


def gap_in_words(gap: Gap) -> str:
    """Return in what a piece of evidence falls short."""
    what = ", ".join(gap.what)
    return f"{HEADS[gap.head]}: {what}" if what else str(HEADS[gap.head])


def why_refused(weighed: Weighed) -> str:
    """Return a refusal in one text: each rule that is not met, with what to do."""
    language = tongue()
    return " ".join(
        _("%(rule)s: %(title)s. What to do: %(remedy)s (%(basis)s)")
        % {
            "rule": told.words.id,
            "title": told.words.title[language],
            "remedy": told.words.remedy[language],
            "basis": told.words.basis[language],
        }
        for told in weighed.decision.wanting
    )


def rule_text(weighed_rules: Any, rule: str) -> str:
    """Return one rule of the pack as the text of a refusal."""
    words, language = weighed_rules.words[rule], tongue()
    return _("%(rule)s: %(title)s. What to do: %(remedy)s (%(basis)s)") % {
        "rule": rule,
        "title": words.title[language],
        "remedy": words.remedy[language],
        "basis": words.basis[language],
    }
