"""The export gate: which mechanism an order needs, and whether it is on file.

《促进和规范数据跨境流动规定》第三条至第八条. The order of the questions is the law's: what may
not leave at all, what always needs the security assessment, what is exempt on a ground, and then
the number of persons since 1 January.
"""

from dataclasses import dataclass, field
from typing import Final

from .facts import Filed, Situation
from .places import Place
from .rules import ExportRules, Worded
from .scope import Gap, gaps
from .zones import Match, match_zone

INSIDE, EXEMPT, CONTRACT, ASSESSMENT, DENY = (
    "INSIDE",
    "EXEMPT",
    "CONTRACT",
    "SECURITY_ASSESSMENT",
    "DENY",
)
WEIGHT: Final = {INSIDE: 0, EXEMPT: 1, CONTRACT: 2, ASSESSMENT: 3, DENY: 4}
"""How much each outcome asks for: more persons never get a lighter one."""
DUTIES: Final = (
    ("R-EXPORT-CONSENT", "SEPARATE_CONSENT"),
    ("R-EXPORT-IMPACT", "IMPACT_ASSESSMENT"),
)


@dataclass(frozen=True)
class Told:
    """A rule that applies: what it is, on what basis, what to do, and what is wanting."""

    words: Worded
    met: bool
    by: str = ""
    short: tuple[tuple[str, tuple[Gap, ...]], ...] = ()


@dataclass(frozen=True)
class Decision:
    """What an order needs and whether it has it; `allowed` says whether it goes on now."""

    outcome: str
    accepted: tuple[str, ...] = ()
    ground: str = ""
    told: tuple[Told, ...] = ()
    evidence: tuple[str, ...] = ()
    mechanism: str = ""
    zone: Match = field(default_factory=Match)
    pack: str = ""

    @property
    def weight(self) -> int:
        """How heavy the mechanism is that is asked for."""
        return WEIGHT[self.outcome]

    @property
    def allowed(self) -> bool:
        """Whether everything that is asked for is there."""
        return self.outcome != DENY and all(told.met for told in self.told)

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that applied."""
        return tuple(told.words.id for told in self.told)

    @property
    def wanting(self) -> tuple[Told, ...]:
        """What is still to be done."""
        return tuple(told for told in self.told if not told.met)


def decide(situation: Situation, rules: ExportRules) -> Decision:
    """Decide one order's export under one version of the rules."""
    if not situation.route.outside:
        return Decision(INSIDE, pack=rules.label)
    zone = _zone(situation, rules)
    outcome, rule, ground = _mechanism(situation, rules, zone)
    words = rules.words[rule]
    if outcome == DENY:
        return Decision(DENY, told=(Told(words, met=False),), zone=zone, pack=rules.label)
    if outcome == EXEMPT:
        claim = _claim(situation, ground)
        told = [Told(words, met=True, by=claim.reference if claim else "")]
        accepted: tuple[str, ...] = ()
    else:
        accepted = _accepted(outcome, situation, rules)
        told = [_met(words, accepted, situation)]
    if situation.cargo.is_personal:
        told += [_met(rules.words[rule_id], (kind,), situation) for rule_id, kind in DUTIES]
    evidence = tuple(each.by for each in told if each.by)
    filed = {each.reference: each.kind for each in situation.filed}
    return Decision(
        outcome,
        accepted=accepted,
        ground=ground,
        told=tuple(told),
        evidence=evidence,
        mechanism=filed[told[0].by] if told[0].by else "",
        zone=zone,
        pack=rules.label,
    )


def _mechanism(situation: Situation, rules: ExportRules, zone: Match) -> tuple[str, str, str]:
    """Return outcome, rule and ground."""
    cargo, critical = situation.cargo, situation.route.exporter.critical
    if cargo.grade == "CORE" or cargo.genetic:
        return DENY, "R-CORE" if cargo.grade == "CORE" else "R-HGR", ""
    if cargo.grade != "GENERAL" or zone.important:
        return ASSESSMENT, "R-EXPORT-IMPORTANT", ""
    if not cargo.is_personal:
        return EXEMPT, "R-EXPORT-EXEMPT", "NO_PERSONAL"
    ground = _ground(situation, rules, zone)
    if ground and (rules.grounds[ground].critical or not critical):
        return EXEMPT, "R-EXPORT-EXEMPT", ground
    if critical:
        return ASSESSMENT, "R-EXPORT-CRITICAL", ""
    return _by_number(situation, rules)


def _by_number(situation: Situation, rules: ExportRules) -> tuple[str, str, str]:
    """Return what the number of persons since 1 January asks for (规定第五条、第七条、第八条)."""
    cargo, lines, total = situation.cargo, rules.lines, situation.with_cargo
    if (
        total.ordinary >= lines["ordinary_assessment_from"]
        or total.sensitive >= lines["sensitive_assessment_from"]
    ):
        return ASSESSMENT, "R-EXPORT-ASSESSMENT", ""
    if (
        total.ordinary >= lines["ordinary_contract_from"]
        or total.sensitive >= lines["sensitive_contract_from"]
        or cargo.personal == "SENSITIVE"
    ):
        return CONTRACT, "R-EXPORT-CONTRACT", ""
    return EXEMPT, "R-EXPORT-EXEMPT", "VOLUME"


def _ground(situation: Situation, rules: ExportRules, zone: Match) -> str:
    """Return the claimed ground whose verified claim covers the order, or the zone's list."""
    for each in situation.filed:
        known = rules.grounds.get(each.ground)
        claimed = each.kind == "EXEMPTION" and known is not None and known.claimed
        if claimed and not gaps(each, situation):
            return each.ground
    return "ZONE" if zone.exempt and _zone_filing(situation) else ""


def _claim(situation: Situation, ground: str) -> Filed | None:
    """Return the evidence that an exemption rests on; the quantity and the class need none."""
    if ground == "ZONE":
        return _zone_filing(situation)
    claims = (
        each for each in situation.filed if each.kind == "EXEMPTION" and each.ground == ground
    )
    return next((each for each in claims if not gaps(each, situation)), None)


def _zone_filing(situation: Situation) -> Filed | None:
    """Return the zone's own filing for the order (事前评估备案), which also maps its columns."""
    filings = (each for each in situation.filed if each.kind == "ZONE_FILING")
    return next((each for each in filings if not gaps(each, situation)), None)


def _zone(situation: Situation, rules: ExportRules) -> Match:
    filing = _zone_filing(situation)
    return match_zone(
        rules.lists,
        zone=situation.route.exporter.zone,
        columns=situation.cargo.fields,
        mapping=filing.mapping if filing else {},
        on=situation.on,
        trial=situation.trial_lists,
    )


def _accepted(outcome: str, situation: Situation, rules: ExportRules) -> tuple[str, ...]:
    """Return the mechanisms that would do; the Bay Area's only between its places."""
    return tuple(
        kind
        for kind in rules.mechanisms[outcome]
        if kind != "GBA_CONTRACT" or _partner(situation, rules)
    )


def _partner(situation: Situation, rules: ExportRules) -> Place | None:
    """Return Hong Kong or Macao where a Bay Area contract is possible; nothing goes beyond it.

    Both parties are registered in its places, no important data, and the data is read nowhere
    outside but there (2023年第3号、2024年第1号公告).
    """
    route = situation.route
    outside = route.outside
    if len(outside) != 1 or situation.cargo.grade != "GENERAL":
        return None
    place = next(iter(outside))
    at_home = route.exporter.place == Place.MAINLAND and route.exporter.in_bay_area
    if at_home and route.recipient.place == place and place in rules.partners:
        return place
    return None


def _met(words: Worded, kinds: tuple[str, ...], situation: Situation) -> Told:
    """Look for evidence of these kinds that covers the order; tell what the others lack."""
    short: list[tuple[str, tuple[Gap, ...]]] = []
    for each in (filed for kind in kinds for filed in situation.filed if filed.kind == kind):
        found = gaps(each, situation)
        if not found:
            return Told(words, met=True, by=each.reference)
        short.append((each.reference, found))
    return Told(words, met=False, short=tuple(short))
