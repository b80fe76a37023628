"""Who may ask for a screening, look at its report, and decide its case."""

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from exchange.catalog.models import Release

from .models import Case, Screening
from .states import Authority, Grade

WATCHERS = ("OPERATOR", "REGULATOR")


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


def why_not_decide(actor: Actor, case: Case) -> str | None:
    """Let operator or regulator decide, only a regulator where the rules say so.

    Important data is released by the regulator alone (《网络数据安全管理条例》第三十一条), core
    data by nobody (第六十三条). Nobody decides on its own data.
    """
    screening: Screening = case.screening
    if not actor.has_role(*WATCHERS) or not actor.may_write:
        return _("Only the operator or a regulator decides a compliance case.")
    if actor.organization == screening.release.product.provider.reference:
        return _("Nobody decides on data of its own organization.")
    if case.authority == Authority.REGULATOR and not actor.has_role("REGULATOR"):
        return _("This case is for a regulator to decide.")
    return None


def why_not_approve(actor: Actor, case: Case) -> str | None:
    """Refuse what no approval can change."""
    if refusal := why_not_decide(actor, case):
        return refusal
    grade = case.screening.grade
    if grade == Grade.CORE:
        return _("Core data is not traded; no approval is possible.")
    if grade == Grade.IMPORTANT and not actor.has_role("REGULATOR"):
        return _("Important data is released by a regulator only.")
    return None
