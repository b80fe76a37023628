"""What an approval rests on: a complete file, conditions that fit it, and an end."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from audit.log.errors import Conflict, Invalid
from audit.retention.terms import months_after
from audit.rulebook.queries import Pack
from exchange.catalog.vocabulary import DeliveryMode
from exchange.parties.models import Organization

from . import dossiers
from .conditions import COMPUTED, HANDED_OVER, in_words, missing_in
from .heads import Said, shortcomings, why_not_carried
from .models import Case

NAMING = ("RECIPIENT", "CONSENT")
"""Heads that name who may receive the data."""


def last_day(case: Case, pack: Pack, *, asked: date | None, on: date) -> date:
    """Return the last day of an approval; raises Invalid for one that is too long or over."""
    longest = months_after(on, int(pack.data["kinds"][case.kind]["months"]))
    opinion = dossiers.said_in(case).get("OPINION")
    if opinion and opinion.values.get("valid_until"):
        longest = min(longest, date.fromisoformat(opinion.values["valid_until"]))
    if asked is None:
        return longest
    if not on < asked <= longest:
        words = _("An approval ends after today and on %(last)s at the latest.")
        raise Invalid({"valid_until": [words % {"last": longest.isoformat()}]})
    return asked


def require_file(case: Case, conditions: Mapping[str, Any], pack: Pack, *, on: date) -> None:
    """Raise Invalid for a file that is not complete, Conflict for one that speaks against it."""
    said = dossiers.said_in(case)
    if missing := shortcomings(case, said, pack, on=on):
        raise Invalid({f"file.{head}": words for head, words in missing.items()})
    if refusal := why_not_carried(said):
        raise Conflict(refusal)
    wanted = pack.data["kinds"][case.kind]["conditions"]
    if lacking := missing_in(conditions, wanted):
        words = _("A decision of this kind has to say: %(conditions)s.")
        raise Invalid({"conditions": [words % {"conditions": ", ".join(lacking)}]})
    _check_recipients(conditions.get("recipients", ()), said)
    _check_channels(conditions.get("channels"), case, pack)
    _check_scenarios(conditions.get("scenarios", ()), case)


def _check_recipients(references: Any, said: Mapping[str, Said]) -> None:
    """Refuse recipients that are unknown here, or that consent and assessment do not name."""
    found = {row.reference: row for row in Organization.objects.filter(reference__in=references)}
    words = []
    for reference in references:
        row = found.get(reference)
        if row is None:
            words.append(_("There is no organization %(name)s.") % {"name": reference})
            continue
        known = {row.reference, row.name, row.name_en, row.uscc} - {""}
        words += [
            _("The file (%(head)s) does not name %(name)s.") % {"head": head, "name": row.name}
            for head in NAMING
            if head in said and known.isdisjoint(said[head].values.get("recipients", ()))
        ]
    if words:
        raise Invalid({"conditions.recipients": words})


def ways_permitted(case: Case, pack: Pack) -> list[str]:
    """Return the ways of delivery that data of this kind may take; none named means all."""
    named: list[str] = pack.data["kinds"][case.kind]["channels"]
    return named or list(DeliveryMode)


def _check_channels(wanted: Any, case: Case, pack: Pack) -> None:
    """Refuse ways that data of this kind must not take, and an approval that delivers to nobody."""
    offered = case.screening.release.product.manual.get("delivery_modes", [])
    words = []
    if wanted and (others := set(wanted).difference(ways_permitted(case, pack))):
        words.append(
            _("Data of this kind stays in its domain; not possible are: %(ways)s.")
            % {"ways": in_words(others)}
        )
    elif wanted and not (HANDED_OVER | COMPUTED).intersection(wanted, offered):
        words.append(
            _(
                "Nobody could be delivered to. The exchange delivers by: %(ways)s. The product "
                "manual offers: %(offered)s."
            )
            % {"ways": in_words(HANDED_OVER | COMPUTED), "offered": in_words(offered)}
        )
    if words:
        raise Invalid({"conditions.channels": words})


def _check_scenarios(wanted: Any, case: Case) -> None:
    allowed = case.screening.release.product.manual.get("scenarios_allowed", [])
    unknown = [scenario for scenario in wanted if scenario not in allowed]
    if unknown:
        words = _("The product manual does not permit: %(scenarios)s.")
        raise Invalid({"conditions.scenarios": [words % {"scenarios": "; ".join(unknown)}]})
