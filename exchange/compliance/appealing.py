"""Who may appeal, until when, for what, and who may answer."""

from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import NotFound
from audit.rulebook.queries import day_of
from audit.rulebook.workdays import add_workdays
from exchange.catalog.models import Release
from exchange.catalog.states import ReleaseState

from .heads import case_pack
from .models import Appeal, Case, Proposal, Screening
from .persons import acts_for, person_of
from .queries import WATCHERS
from .states import AppealState, CaseState, Grade, ProposalState, ScreeningState, Wish


def appeals_visible_to(actor: Actor) -> QuerySet[Appeal]:
    """Return the appeals an actor may read: its own, or all for the watch."""
    found = Appeal.objects.select_related("screening__release__product__provider", "case")
    if actor.is_system or actor.has_role(*WATCHERS):
        return found
    own = Q(screening__release__product__provider__reference=actor.organization)
    return found.filter(own) if actor.organization else found.none()


def get_appeal_for(actor: Actor, reference: str) -> Appeal:
    """Return one appeal the actor may read; NotFound tells nothing about others."""
    found = appeals_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound(_("There is no appeal %(reference)s.") % {"reference": reference})
    return found


def why_not_appeal(actor: Actor, screening: Screening) -> str | None:
    """Let the provider whose release was blocked appeal."""
    own = actor.organization == screening.release.product.provider.reference
    if own and actor.has_role("PROVIDER") and actor.may_write:
        return None
    return _("Only the provider of the release appeals.")


def why_not_now(release: Release, screening: Screening, at: datetime) -> str | None:
    """Return why there is nothing to appeal against, or why it is too late, or None."""
    if release.status != ReleaseState.BLOCKED or release.screening != screening.reference:
        return _("The release is not blocked by this screening.")
    last = last_day_to_appeal(release)
    if day_of(at) > last:
        return _("The time to appeal ended on %(last)s.") % {"last": last.isoformat()}
    return None


def last_day_to_appeal(release: Release) -> date:
    """Return the last day on which an appeal against the block of a release is in time."""
    blocked = day_of(release.status_since)
    return add_workdays(blocked, int(case_pack(blocked).data["workdays"]["appeal"]))


def why_not_wish(wish: str, screening: Screening, case: Case | None) -> str | None:
    """Let only a decision of persons be decided anew; what no person may decide is read again."""
    if wish == Wish.RESCREEN:
        return None
    if screening.grade == Grade.CORE:
        return _("Against core data an appeal asks for another screening only.")
    if case is None or case.status != CaseState.REJECTED:
        return _("The block is the filter's own; an appeal asks for another screening.")
    return None


def why_not_withdraw(actor: Actor, appeal: Appeal) -> str | None:
    """Let the provider take back what was not answered yet."""
    return why_not_appeal(actor, appeal.screening)


def why_not_answer(actor: Actor, appeal: Appeal) -> str | None:
    """Let a person answer who neither proposed nor confirmed what the appeal is against.

    Of the regulator, where important or core data is in question or the case was the regulator's.
    """
    if not actor.has_role(*WATCHERS) or not actor.may_write:
        return _("Only the operator or a regulator answers an appeal.")
    person, provider = person_of(actor), appeal.screening.release.product.provider.reference
    if not person:
        return _("An appeal is answered by persons.")
    if actor.organization == provider or acts_for(person, provider):
        return _("Nobody decides on data of its own organization.")
    if person in deciders_of(appeal):
        return _("Who decided does not answer the appeal against it.")
    case = appeal.case
    grave = appeal.grade != Grade.GENERAL or (case is not None and case.authority == "REGULATOR")
    if grave and not actor.has_role("REGULATOR"):
        return _("This appeal is for a regulator to answer.")
    return None


def why_not_reopen(appeal: Appeal) -> str | None:
    """Refuse a new decision where persons may not decide (《网络数据安全管理条例》第六十三条)."""
    if Grade.CORE in {appeal.grade, appeal.screening.grade, appeal.screening.release.grade}:
        return _("Core data is not traded; an appeal leads to another screening at most.")
    if appeal.case is None:
        return _("The block is the filter's own; there is no decision to reopen.")
    return None


def deciders_of(appeal: Appeal) -> set[str]:
    """Return the persons who proposed and confirmed what an appeal is against."""
    if appeal.case is None:
        return set()
    rows = Proposal.objects.filter(case=appeal.case, status=ProposalState.CONFIRMED)
    pairs = rows.values_list("proposed_as", "confirmed_as")
    return {person for pair in pairs for person in pair}


def appeal_of(screening: Screening) -> Appeal | None:
    """Return the appeal against what followed from a screening."""
    return Appeal.objects.filter(screening=screening).first()


def is_appealable(release: Release, screening: Screening | None) -> bool:
    """Whether a block rests on a finished screening of this release."""
    if screening is None or release.status != ReleaseState.BLOCKED:
        return False
    return screening.status in {ScreeningState.DONE, ScreeningState.FAILED}


def waiting_appeals(actor: Actor) -> QuerySet[Appeal]:
    """Return the appeals that await an answer, the most urgent first."""
    rows = appeals_visible_to(actor).filter(status=AppealState.LODGED)
    return rows.order_by("due_on", "pk")
