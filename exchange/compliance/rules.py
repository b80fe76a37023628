"""Who may ask for a screening, look at its report, and decide its case."""

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from exchange.catalog import rules as catalog_rules
from exchange.catalog.models import Product, Release
from exchange.catalog.states import ReleaseState

from .models import Case, Proposal, Regrade, Screening
from .persons import acts_for, person_of
from .states import Authority, CaseState, Grade, ScreeningState

WATCHERS = ("OPERATOR", "REGULATOR")
UNREAD = frozenset({ReleaseState.DRAFT, ReleaseState.SUBMITTED, ReleaseState.SCREENING})
NEVER_DERIVED = frozenset({"R-CORE", "R-SECRET"})
"""Rules whose subject no processing makes tradable: a mark can be removed, the secret stays."""


def may_see(actor: Actor, release: Release) -> bool:
    """Whether the report on a release is this actor's to read: its provider's, or the watch's."""
    if actor.is_system or actor.has_role(*WATCHERS):
        return True
    return bool(actor.organization) and actor.organization == release.product.provider.reference


def why_not_screen(actor: Actor, release: Release) -> str | None:
    """Let the platform, the watch and the provider itself have a release screened."""
    if actor.is_system or (actor.has_role(*WATCHERS) and actor.may_write):
        return None
    if may_see(actor, release) and actor.may_write:
        return None
    return _("Only the provider, the operator or a regulator has a release screened.")


def why_not_write(actor: Actor, case: Case, head: str) -> str | None:
    """Let the provider fill in the file of its case; an opinion may come from the regulator too."""
    if not case.is_undecided:
        return _("The case is decided; its file is closed.")
    if not actor.may_write:
        return _("Your place in the organization allows looking only.")
    own = actor.organization == case.screening.release.product.provider.reference
    if own and actor.has_role("PROVIDER"):
        return None
    if head == "OPINION" and actor.has_role("REGULATOR"):
        return None
    return _("The file is written by the provider of the release.")


def why_not_submit(actor: Actor, case: Case) -> str | None:
    """Let the provider hand its file in."""
    own = actor.organization == case.screening.release.product.provider.reference
    if own and actor.has_role("PROVIDER") and actor.may_write:
        return None
    return _("The file is handed in by the provider of the release.")


def why_not_decide(actor: Actor, case: Case) -> str | None:
    """Let persons of operator and regulator decide, never on data of an organization of theirs.

    The person counts, not the organization it acts for at the moment: who is also a member of the
    provider does not decide.
    """
    screening: Screening = case.screening
    if not actor.has_role(*WATCHERS) or not actor.may_write:
        return _("Only the operator or a regulator decides a compliance case.")
    person = person_of(actor)
    if not person:
        return _("A case is decided by persons.")
    provider = screening.release.product.provider.reference
    if actor.organization == provider or acts_for(person, provider):
        return _("Nobody decides on data of its own organization.")
    return None


def why_not_approve(actor: Actor, case: Case) -> str | None:
    """Refuse what no approval can change (《网络数据安全管理条例》第六十三条)."""
    if Grade.CORE in {case.grade, case.screening.grade, case.screening.release.grade}:
        return _("Core data is not traded; no approval is possible.")
    return why_not_decide(actor, case)


def why_not_confirm(actor: Actor, proposal: Proposal) -> str | None:
    """Let another person than the proposer answer; one of both is of the regulator where asked.

    Important data and whatever the rules leave to a regulator needs a regulator among the two
    (《网络数据安全管理条例》第三十一条).
    """
    case = proposal.case
    ask = why_not_approve if proposal.approve else why_not_decide
    if refusal := ask(actor, case):
        return refusal
    if person_of(actor) == proposal.proposed_as:
        return _("Another person than who proposed has to confirm.")
    if needs_regulator(case) and not (actor.has_role("REGULATOR") or proposal.by_regulator):
        return _("One of the two persons has to be of the regulator.")
    return None


def why_not_derive(actor: Actor, release: Release, product: Product) -> str | None:
    """Let a provider have a release of its own product made of another of its own.

    Of core data and state secrets nothing is derived: they are sealed (《网络数据安全管理条例》
    第六十三条；《保守国家秘密法》), and only who classified them may lower their class.
    """
    if refusal := catalog_rules.why_not_upload(actor, release.product):
        return refusal
    if refusal := catalog_rules.why_not_upload(actor, product):
        return refusal
    return why_not_derivable(release)


def why_not_derivable(release: Release) -> str | None:
    """Refuse what the filter has not read to its end, what stays sealed, and models."""
    if refusal := catalog_rules.why_a_model(release):
        return refusal
    if release.status in UNREAD:
        return _("The filter has not read this release yet.")
    read = Screening.objects.filter(release=release, status=ScreeningState.DONE)
    verdicts = list(read.values_list("grade", "rules"))
    if not verdicts:
        return _("The filter could not read this release, so nothing is derived from it.")
    core = release.grade == Grade.CORE or any(grade == Grade.CORE for grade, _rules in verdicts)
    if core or any(NEVER_DERIVED.intersection(fired) for _grade, fired in verdicts):
        return _("Core data and state secrets are sealed; nothing is derived from them.")
    return None


def why_not_check(actor: Actor) -> str | None:
    """Let members of an admitted provider have a file checked that they have not uploaded."""
    if not actor.has_role("PROVIDER") or not actor.organization:
        return _("Files are checked for admitted providers.")
    if not actor.may_write:
        return _("Your place in the organization allows looking only.")
    return None


def needs_regulator(case: Case) -> bool:
    """Whether one of the two who decide has to be of the regulator."""
    return case.authority == Authority.REGULATOR or case.grade != Grade.GENERAL


def why_not_withdraw(actor: Actor, proposal: Proposal) -> str | None:
    """Let who proposed take it back, from whatever account."""
    if person_of(actor) and person_of(actor) == proposal.proposed_as:
        return None
    return _("Only who proposed a decision takes it back.")


def why_not_read_file(actor: Actor, case: Case) -> str | None:
    """Let provider, operator and regulator read the documents of a case."""
    if may_see(actor, case.screening.release):
        return None
    return _("The file of a case is read by its provider, the operator and the regulator.")


def allowed_actions(actor: Actor, case: Case) -> list[str]:
    """Return the verbs open to the actor on a case in its present state, for both faces."""
    if not actor.may_write:
        return []
    verbs = []
    if case.is_undecided and why_not_write(actor, case, "") is None:
        verbs.append("write")
        verbs += ["submit"] if case.status == CaseState.OPEN else []
    if why_not_decide(actor, case) is not None:
        return verbs
    match case.status:
        case CaseState.OPEN:
            verbs += ["propose", "extend"]
        case CaseState.SUBMITTED:
            verbs += ["propose", "return", "extend"]
        case CaseState.PROPOSED:
            verbs += ["confirm", "decline", "withdraw-proposal", "extend"]
    return verbs


def why_not_call_for_grading(actor: Actor, release: Release) -> str | None:
    """Let the platform, the watch and the provider itself call for a new grading."""
    if actor.is_system or (may_see(actor, release) and actor.may_write):
        return None
    return _("Only the provider, the operator or a regulator calls for a new grading.")


def why_not_close_regrade(actor: Actor, regrade: Regrade) -> str | None:
    """Let the watch say that a grading stands; nobody about data of its own."""
    return why_not_determine(actor, regrade.release.product)


def why_not_determine(actor: Actor, product: Product) -> str | None:
    """Let operator or regulator determine what no content shows, not about their own data."""
    if not actor.has_role(*WATCHERS) or not actor.may_write:
        return _("Only the operator or a regulator determines how data is graded.")
    if actor.organization == product.provider.reference:
        return _("Nobody decides on data of its own organization.")
    return None
