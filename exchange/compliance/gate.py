"""The gate before every trade: exactly this content, let through under the rules of today."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from audit.disclosure.queries import suspended_now
from audit.rulebook.queries import NoPack, Pack, day_of, get_pack
from exchange.catalog.models import Release
from exchange.catalog.states import ReleaseState

from .conditions import Use, why_not_under
from .models import Case
from .papers import papers_of
from .queries import is_foreseen, overdue_regrade
from .states import CaseState, Grade


def why_not_trade(release: Release, at: datetime) -> str | None:
    """Return why the filter stands against trading this release now, or None.

    An approval is bound to the content's digest and to the rule pack; it is void when either
    changes (《数据安全法》第三十三条). Under rules that have just begun to bind, a verdict counts
    that was reached on exactly this content ahead of their day; without one nothing is traded.
    """
    if release.status != ReleaseState.CLEARED:
        return _("The release has not passed the compliance screening.")
    if not release.cleared_sha256 or release.cleared_sha256 != release.sha256:
        return _("The content is not the one that passed the compliance screening.")
    try:
        rules = get_pack("compliance", on=day_of(at))
    except NoPack:
        return _("No compliance rules are in effect, so nothing may be traded.")
    in_effect = rules.label
    if release.cleared_pack != in_effect and not is_foreseen(release, in_effect):
        return _(
            "The release passed under %(passed)s; now %(in_effect)s applies. It is screened again."
        ) % {"passed": release.cleared_pack, "in_effect": in_effect}
    return (
        why_not_decided(release, at)
        or why_not_disclosed(release)
        or _why_grading_is_old(release, rules, at)
    )


def why_not_disclosed(release: Release) -> str | None:
    """Return why a model is not traded for want of its disclosure, or None; asked of every call.

    An algorithm whose disclosure is suspended, withdrawn or replaced by one of another file answers
    nobody (《互联网信息服务算法推荐管理规定》第二十四条).
    """
    if not release.is_model:
        return None
    papers = papers_of(release)
    if suspended_now(papers.algorithm, owner=release.product.provider.reference):
        words = _("The algorithm “%(algorithm)s” is suspended.")
        return words % {"algorithm": papers.algorithm}
    if not papers.disclosure:
        words = _("No disclosure of the algorithm “%(algorithm)s” is in force.")
        return words % {"algorithm": papers.algorithm}
    if not papers.is_disclosed:
        words = _("The disclosure %(disclosure)s is incomplete or does not name this product.")
        return words % {"disclosure": papers.disclosure}
    if not papers.same_file:
        words = _("The disclosure %(disclosure)s is about another file than this one.")
        return words % {"disclosure": papers.disclosure}
    return None


def why_not_decided(release: Release, at: datetime) -> str | None:
    """Return why no decision carries what the rules left to persons, or None.

    What passed by a case passes as long as its approval holds; important data never passes without
    one (《网络数据安全管理条例》第三十一条), core data never (第六十三条).
    """
    if release.grade == Grade.CORE:
        return _("Core data is not traded; no approval is possible.")
    case = case_behind(release)
    if case is None:
        if release.grade == Grade.GENERAL:
            return None
        return _("Important data is traded only under an approved compliance case.")
    if case.status != CaseState.APPROVED:
        return _("The compliance case %(case)s is not approved now.") % {"case": case.reference}
    if case.valid_until is not None and day_of(at) > case.valid_until:
        return _("The approval of the compliance case %(case)s ended on %(until)s.") % {
            "case": case.reference,
            "until": case.valid_until.isoformat(),
        }
    return None


def _why_grading_is_old(release: Release, rules: Pack, at: datetime) -> str | None:
    """Return that a new grading was called for or is due by itself (GB/T 43697-2024, Annex J)."""
    owed = overdue_regrade(release, at)
    if owed is not None:
        return _("The release had to be graded again by %(day)s (%(reference)s: %(trigger)s).") % {
            "day": day_of(owed.due_at).isoformat(),
            "reference": owed.reference,
            "trigger": owed.get_trigger_display(),
        }
    holds = timedelta(days=int(rules.data["review"].get(release.grade or "GENERAL", 365)))
    if release.cleared_at and release.cleared_at + holds <= at:
        return _("The grading of the release is older than it may be; it is screened again.")
    return None


def why_not_used(release: Release, use: Use) -> str | None:
    """Return which condition of the approval stands against a use of the release, or None.

    Asked at the order with the buyer's scenario, and again whenever access is given.
    """
    case = case_behind(release)
    return why_not_under(case.conditions, use) if case else None


def case_behind(release: Release) -> Case | None:
    """Return the case by which a release passed or waits, if the rules asked for one."""
    if not release.screening:
        return None
    return Case.objects.filter(screening__reference=release.screening).first()
