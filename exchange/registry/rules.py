"""Who may state which rights, and what must be shown for it.

国数综政策〔2026〕35号 第二十条、第二十一条; 《数据安全法》第三十三条.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.actors import Actor

from .models import RightsStatement
from .states import Origin, PersonalBasis, ProofKind, Right, RightsState, Situation, SourceKind

CERTIFICATE_YEARS_MAX = 5
"""A registration certificate holds for five years at most (国数综政策〔2026〕35号 第二十六条)."""

ALL = frozenset(Right)
WATCHERS = ("OPERATOR", "REGULATOR")


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """Which rights a situation carries, from which sources, and on which proofs."""

    rights: frozenset[Right]
    sources: frozenset[SourceKind]
    proofs: frozenset[ProofKind] = frozenset()
    conditional: dict[Right, ProofKind] = field(default_factory=dict)
    why: str | Promise = ""


ALLOWANCES: dict[Situation, Allowance] = {
    Situation.PRODUCED: Allowance(rights=ALL, sources=frozenset({SourceKind.COLLECTED})),
    Situation.AUTHORIZED: Allowance(
        rights=ALL,
        sources=frozenset({SourceKind.COLLECTED, SourceKind.AGREEMENT}),
        proofs=frozenset({ProofKind.AUTHORIZATION}),
    ),
    Situation.LICENSED: Allowance(
        rights=ALL,
        sources=frozenset({SourceKind.AGREEMENT}),
        proofs=frozenset({ProofKind.CONTRACT, ProofKind.LICENSE, ProofKind.PUBLIC_AUTHORIZATION}),
    ),
    Situation.OWN_PERSON: Allowance(rights=ALL, sources=frozenset({SourceKind.COLLECTED})),
    Situation.GATHERED_RAW: Allowance(
        rights=frozenset({Right.HOLD, Right.USE}),
        sources=frozenset({SourceKind.CRAWLED_PUBLIC}),
        why=gettext_lazy(
            "Unprocessed data gathered from public sources may be held and used, "
            "but not offered to others (国数综政策〔2026〕35号 第二十一条)."
        ),
    ),
    Situation.GATHERED_PRODUCT: Allowance(
        rights=ALL, sources=frozenset({SourceKind.CRAWLED_PUBLIC, SourceKind.DERIVED})
    ),
    Situation.FUSED: Allowance(
        rights=ALL,
        sources=frozenset({SourceKind.AGREEMENT, SourceKind.COLLECTED, SourceKind.DERIVED}),
        conditional={Right.OPERATE: ProofKind.PARTIES_CONSENT},
        why=gettext_lazy(
            "Data fused from several parties' data may be offered to others only with the "
            "consent of all parties (国数综政策〔2026〕35号 第二十一条)."
        ),
    ),
    Situation.DERIVED: Allowance(rights=ALL, sources=frozenset({SourceKind.DERIVED})),
    Situation.ENTRUSTED: Allowance(
        rights=frozenset(),
        sources=frozenset(SourceKind),
        why=gettext_lazy(
            "Who processes data on behalf of another has no right of its own in it "
            "(国数综政策〔2026〕35号 第二十一条)."
        ),
    ),
}

PROOFS_OF_SOURCE: dict[SourceKind, frozenset[ProofKind]] = {
    SourceKind.COLLECTED: frozenset(
        {ProofKind.COLLECTION_RECORD, ProofKind.AUTHORIZATION, ProofKind.LICENSE}
    ),
    SourceKind.CRAWLED_PUBLIC: frozenset({ProofKind.ACCESS_TERMS, ProofKind.LICENSE}),
    SourceKind.AGREEMENT: frozenset(
        {
            ProofKind.CONTRACT,
            ProofKind.LICENSE,
            ProofKind.AUTHORIZATION,
            ProofKind.PUBLIC_AUTHORIZATION,
        }
    ),
    SourceKind.DERIVED: frozenset({ProofKind.DERIVATION_RECORD, ProofKind.LICENSE}),
}
"""One proof of these at least; a registration certificate replaces it (第三十一条)."""


def why_not_draft(actor: Actor, organization: str) -> str | None:
    """Rights are stated by an admitted provider, for itself."""
    if actor.organization != organization or not actor.has_role("PROVIDER"):
        return _("Only an admitted provider states rights, and only its own.")
    if not actor.may_write:
        return _("Your place in the organization allows looking only.")
    return None


def why_not_revise(actor: Actor, statement: RightsStatement) -> str | None:
    """Refuse to rewrite what somebody answers for; it is withdrawn and stated anew."""
    if refusal := why_not_draft(actor, statement.organization.reference):
        return refusal
    if statement.status != RightsState.DRAFT:
        return _("A stated or withdrawn statement cannot be changed; state a new one.")
    return None


def why_not_withdraw(actor: Actor, statement: RightsStatement) -> str | None:
    """Let the organization withdraw its own statement; operator and regulator void any."""
    if actor.has_role(*WATCHERS) and actor.may_write:
        return None
    return why_not_draft(actor, statement.organization.reference)


def why_not_claim(right: Right, situation: Situation, proofs: Iterable[str]) -> str | None:
    """Say why a right cannot be stated in a situation with these kinds of proof, if so."""
    allowance = ALLOWANCES[situation]
    if right not in allowance.rights:
        return str(allowance.why)
    needed = allowance.conditional.get(right)
    if needed and needed not in proofs:
        return str(allowance.why)
    return None


def shortcomings(statement: RightsStatement) -> dict[str, list[str]]:
    """Return by field what the statement still lacks before somebody can answer for it."""
    kinds = {proof["kind"] for proof in statement.proofs}
    found = {
        "rights": _rights_problems(statement, kinds),
        "source_kind": _source_problems(statement),
        "source_note": _note_problems(statement),
        "proofs": _proof_problems(statement, kinds),
        "personal_basis": _personal_problems(statement),
        "valid_until": _term_problems(statement),
    }
    return {name: messages for name, messages in found.items() if messages}


def _rights_problems(statement: RightsStatement, kinds: set[str]) -> list[str]:
    situation = Situation(statement.situation)
    reasons = [why_not_claim(right, situation, kinds) for right in statement.held]
    return list(dict.fromkeys(reason for reason in reasons if reason))


def _source_problems(statement: RightsStatement) -> list[str]:
    allowance = ALLOWANCES[Situation(statement.situation)]
    if statement.source_kind in allowance.sources:
        return []
    fitting = ", ".join(str(SourceKind(kind).label) for kind in sorted(allowance.sources))
    return [_("This position goes with these sources only: %(sources)s.") % {"sources": fitting}]


def _note_problems(statement: RightsStatement) -> list[str]:
    if statement.source_note:
        return []
    return [_("Explain where the data comes from (《数据安全法》第三十三条).")]


def _proof_problems(statement: RightsStatement, kinds: set[str]) -> list[str]:
    wanted = [
        PROOFS_OF_SOURCE[SourceKind(statement.source_kind)],
        ALLOWANCES[Situation(statement.situation)].proofs,
    ]
    if statement.origin == Origin.PUBLIC:
        wanted.append(frozenset({ProofKind.PUBLIC_AUTHORIZATION, ProofKind.LICENSE}))
    if statement.personal_basis == PersonalBasis.CONSENT:
        wanted.append(frozenset({ProofKind.CONSENT_RECORD}))
    if ProofKind.CERTIFICATE in kinds and statement.certificate_code:
        wanted = wanted[2:]
    missing = [choice for choice in wanted if choice and choice.isdisjoint(kinds)]
    return [
        _("One of these proofs is needed: %(proofs)s.")
        % {"proofs": ", ".join(str(kind.label) for kind in sorted(choice))}
        for choice in dict.fromkeys(missing)
    ]


def _personal_problems(statement: RightsStatement) -> list[str]:
    if statement.origin == Origin.PERSONAL and statement.personal_basis == PersonalBasis.NONE:
        return [_("Say on what footing the personal information is processed.")]
    return []


def _term_problems(statement: RightsStatement) -> list[str]:
    begin, end = statement.valid_from, statement.valid_until
    if statement.certificate_code and (end is None or end > _anniversary(begin)):
        return [_("A registered right holds for five years at most; give its end.")]
    return []


def _anniversary(day: date) -> date:
    year = day.year + CERTIFICATE_YEARS_MAX
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return day.replace(year=year, month=3, day=1)
