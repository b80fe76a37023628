"""Who may ask for a screening, look at its report, and decide its case."""

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from exchange.catalog import rules as catalog_rules
from exchange.catalog.models import Product, Release
from exchange.catalog.states import ReleaseState

from .models import Case, Screening
from .states import Authority, Grade, ScreeningState

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
    """Refuse what the filter has not read to its end, and what stays sealed."""
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
