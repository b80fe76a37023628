"""The scenario of a trade (使用场景): what the data is for, who uses it, where, how long.

Without a concrete scenario there is no trade (R-SCENE, 无场景不交易), and nothing is sold for what
its provider does not permit.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.utils.translation import gettext as _

from audit.log.errors import Invalid
from exchange.catalog.models import Product, Release
from exchange.catalog.vocabulary import Permission, Retention, TimeLimit, Users
from exchange.compliance.export import OUTSIDE, Place
from exchange.compliance.exports import matters, place_of
from exchange.compliance.recipients import names_foreign_authority
from exchange.parties.models import Organization
from exchange.registry.fields import read_values

from .fields import SCENARIO_FIELDS


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A buyer's stated scenario, as it goes into order and contract."""

    use: str
    purpose: str
    subject: str
    term_days: int
    region: str
    resale: bool
    export: bool
    delete_after_term: bool
    recipient_place: str = ""
    access_places: tuple[str, ...] = ()

    @classmethod
    def read(cls, raw: object, *, buyer: Organization, product: Product) -> Self:
        """Read what a buyer sent; raises Invalid naming every field that is wrong.

        What it leaves open is filled in strictly: the buyer itself uses the data, deletes it
        after the term, and falls under the permitted scenario where there is only one.
        """
        allowed = product.manual.get("scenarios_allowed", [])
        defaults = {
            "subject": buyer.name,
            "delete_after_term": True,
            "use": allowed[0] if len(allowed) == 1 else "",
        }
        if not isinstance(raw, Mapping):
            raise Invalid({"scenario": [_("State the scenario as named fields.")]})
        try:
            values = read_values(SCENARIO_FIELDS, {**defaults, **raw})
        except Invalid as error:
            fields = {f"scenario.{name}": texts for name, texts in error.fields.items()}
            raise Invalid(fields) from None
        values["subject"] = values["subject"] or buyer.name
        if values["use"] not in allowed:
            text = _("Choose one of the scenarios the provider permits: %(scenarios)s.")
            raise Invalid({"scenario.use": [text % {"scenarios": "; ".join(allowed)}]})
        values["access_places"] = tuple(values["access_places"])  # type: ignore[arg-type]
        return cls(**values)  # type: ignore[arg-type]  # read_values gives each field its kind

    def as_dict(self) -> dict[str, Any]:
        """Return the scenario as it is stored and signed; places where any were declared."""
        said = asdict(self) | {"access_places": list(self.access_places)}
        unsaid = {name for name in ("recipient_place", "access_places") if not said[name]}
        return {name: value for name, value in said.items() if name not in unsaid}

    @property
    def places(self) -> frozenset[Place]:
        """Where the data goes and is read, as far as the buyer said."""
        said = {*self.access_places, *([self.recipient_place] if self.recipient_place else [])}
        return frozenset(map(Place, said))


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a scenario is judged against."""

    product: Product
    release: Release
    buyer: Organization
    pack: Mapping[str, Any]


def why_not_scene(scenario: Scenario, setting: Setting) -> str | None:
    """Return the first reason why this scenario cannot be traded, or None."""
    for rule in RULES:
        if refusal := rule(scenario, setting):
            return refusal
    return None


def words_in(text: str) -> int:
    """Count what a text says: Chinese characters one each, other words one each."""
    return len(re.findall(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+", text))


def why_not_concrete(purpose: str, pack: Mapping[str, Any]) -> str | None:
    """Return why a purpose is too vague for a trade (R-SCENE), or None."""
    rules = pack["scenario"]
    left = purpose.lower()
    for phrase in sorted(rules["vague"], key=len, reverse=True):
        pattern = rf"\b{re.escape(phrase)}\b" if phrase.isascii() else re.escape(phrase)
        left = re.sub(pattern, " ", left)
    if words_in(left) >= int(rules["least_words"]):
        return None
    return _(
        "R-SCENE: the purpose is not concrete. Say what is done with the data, for which service "
        "and for whom; phrases such as “research” or “internal use” say nothing."
    )


def _why_vague(scenario: Scenario, setting: Setting) -> str | None:
    return why_not_concrete(scenario.purpose, setting.pack)


def _why_forbidden(scenario: Scenario, setting: Setting) -> str | None:
    said = f"{scenario.purpose} {scenario.use} {scenario.subject}".casefold()
    for phrase in setting.product.manual.get("scenarios_forbidden", []):
        if phrase.casefold() in said:
            return _("R-SCENE: the provider forbids “%(scenario)s”.") % {"scenario": phrase}
    return None


def _why_not_user(scenario: Scenario, setting: Setting) -> str | None:
    if setting.product.manual.get("users") in {Users.GROUP, Users.PUBLIC}:
        return None
    names = {setting.buyer.name, setting.buyer.name_en, setting.buyer.reference} - {""}
    if any(name in scenario.subject for name in names):
        return None
    return _(
        "Only the paying organization may use this product; name it, or a part of it with its "
        "name: %(name)s."
    ) % {"name": setting.buyer.name}


def _why_not_term(scenario: Scenario, setting: Setting) -> str | None:
    manual, longest = setting.product.manual, int(setting.pack["scenario"]["longest_term_days"])
    match manual.get("time_limit"):
        case TimeLimit.REAL_TIME:
            longest = 1
        case TimeLimit.DAYS:
            longest = min(longest, int(manual["time_limit_days"]))
    if scenario.term_days > longest:
        return _("The term may be at most %(days)d days.") % {"days": longest}
    return None


def _why_not_kept(scenario: Scenario, setting: Setting) -> str | None:
    manual = setting.product.manual
    keeps = manual.get("retention") == Retention.KEEP
    if scenario.delete_after_term or (keeps and manual.get("time_limit") == TimeLimit.UNLIMITED):
        return None
    return _("The provider requires that the data is deleted when the term ends.")


def _why_not_region(scenario: Scenario, setting: Setting) -> str | None:
    region = setting.product.manual.get("use_region", "")
    if not region or region in scenario.region:
        return None
    return _("The product may be used in %(region)s only.") % {"region": region}


def _why_not_resale(scenario: Scenario, setting: Setting) -> str | None:
    """Consent in writing, where the manual asks for it, is the provider's signature."""
    if not scenario.resale:
        return None
    rights = setting.product.rights
    if not _permits(setting.product, "resale") or rights is None or not rights.may_resell:
        return _("The provider does not permit that the data is passed on.")
    return None


def _why_not_export(scenario: Scenario, setting: Setting) -> str | None:
    """Ask for the provider's permission; by which mechanism it leaves, the export gate asks."""
    if not scenario.export or _permits(setting.product, "export"):
        return None
    return _("The provider does not permit that the data leaves the mainland.")


def require_places(scenario: Scenario, setting: Setting) -> None:
    """Raise Invalid unless it is said where the data goes, and said without contradiction.

    《促进和规范数据跨境流动规定》第七条、第八条: what matters is where the data is read, not only
    who bought it. Data without personal information and important data goes freely (第三条); the
    places of its reading need not be named.
    """
    problems = {}
    outside = scenario.places | {place_of(setting.buyer)}
    if outside & OUTSIDE - {Place.UNKNOWN} and not scenario.export:
        problems["scenario.export"] = [
            _("You name places outside the mainland, or are registered there: that is export.")
        ]
    if matters(setting.release) and not scenario.access_places:
        problems["scenario.access_places"] = [
            _("Say where the data will be read: it holds personal information or is graded.")
        ]
    elif matters(setting.release) and scenario.export and not outside & OUTSIDE:
        problems["scenario.access_places"] = [_("Name the places outside the mainland, too.")]
    if problems:
        raise Invalid(problems)


def _why_not_foreign_authority(scenario: Scenario, setting: Setting) -> str | None:
    """Refuse what is meant for a court or agency abroad (《数据安全法》第三十六条).

    Such a request goes to the competent authority; nobody answers it through a purchase.
    """
    said = f"{scenario.purpose} {scenario.use} {scenario.subject} {scenario.region}"
    if not names_foreign_authority(said, setting.release.cleared_pack):
        return None
    return _(
        "R-FOREIGN-LE: data goes to a foreign court or agency only with the approval of the "
        "competent authority; it is not ordered here."
    )


def _permits(product: Product, field: str) -> bool:
    return product.manual.get(field) in {Permission.YES, Permission.WITH_CONSENT}


RULES: tuple[Callable[[Scenario, Setting], str | None], ...] = (
    _why_vague,
    _why_forbidden,
    _why_not_user,
    _why_not_term,
    _why_not_kept,
    _why_not_region,
    _why_not_resale,
    _why_not_export,
    _why_not_foreign_authority,
)
