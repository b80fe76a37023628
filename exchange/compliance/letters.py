"""Mail about cases and exports: to provider and desk, to the regulator at once for core data.

A mail names the thing and where to read it, never what was found in a file. It is sent by the
reaction to the entry, so that nothing is announced that is not on record; a repeated reaction sends
the same message again, under the same Message-ID.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.log.models import Entry
from audit.log.reactions import on
from exchange.catalog.models import Product
from exchange.parties.models import Member, User
from exchange.parties.states import MemberRole, OrganizationRole, OrganizationState

from .case_events import (
    AppealLodged,
    AppealMissed,
    AppealReopened,
    AppealRescreened,
    AppealUpheld,
    CaseExtended,
    CaseLapsed,
    CaseMissed,
    CaseProposed,
    CaseReminded,
    CaseSentBack,
    CaseSubmitted,
    CoreSealed,
)
from .events import CaseApproved, CaseOpened, CaseRejected
from .export_events import LineNeared
from .models import Case
from .states import CaseState

People = dict[User, str]
"""Who is written to, each with the console that the mail leads to."""
ToProvider = (
    CaseOpened
    | CaseSentBack
    | CaseApproved
    | CaseRejected
    | CaseLapsed
    | CaseExtended
    | AppealUpheld
    | AppealRescreened
    | AppealReopened
)
ToDesk = CaseSubmitted | CaseProposed | AppealLodged | AppealMissed
WHAT: dict[str, str | Promise] = {
    CaseOpened.name: _("A compliance case was opened on a release of yours; its file is due"),
    CaseSentBack.name: _("The file of a compliance case was sent back to you"),
    CaseApproved.name: _("A compliance case of yours was approved"),
    CaseRejected.name: _("A compliance case of yours was rejected"),
    CaseLapsed.name: _("The approval of a compliance case of yours ended"),
    CaseExtended.name: _("A time limit in a compliance case of yours was extended"),
    CaseReminded.name: _("A time limit in a compliance case is near"),
    CaseMissed.name: _("A time limit in a compliance case was missed"),
    CaseSubmitted.name: _("The file of a compliance case was handed in"),
    CaseProposed.name: _("A decision was proposed and awaits a second person"),
    AppealLodged.name: _("An appeal was lodged"),
    AppealMissed.name: _("An appeal was not answered in its time"),
    AppealUpheld.name: _("Your appeal was answered: the block stands"),
    AppealRescreened.name: _("Your appeal was answered: the content is screened again"),
    AppealReopened.name: _("Your appeal was answered: the case is decided anew"),
    LineNeared.name: _("The persons of your exports this year come near a line of the law"),
    CoreSealed.name: _("Core data or a state secret was found and sealed"),
}


@on(
    CaseOpened,
    CaseSentBack,
    CaseApproved,
    CaseRejected,
    CaseLapsed,
    CaseExtended,
    AppealUpheld,
    AppealRescreened,
    AppealReopened,
)
def tell_the_provider(*, entry: Entry, event: ToProvider, at: datetime) -> None:
    """Tell the provider what became of its case or appeal."""
    del at
    _send(entry, _members(_provider_of(event.product)), entry.subject, _address(entry))


@on(CaseSubmitted, CaseProposed, AppealLodged, AppealMissed)
def tell_the_desk(*, entry: Entry, event: ToDesk, at: datetime) -> None:
    """Tell those who decide that something awaits them."""
    del event, at
    _send(entry, _desk(), entry.subject, _address(entry))


@on(CaseReminded, CaseMissed)
def tell_who_owes(*, entry: Entry, event: CaseReminded | CaseMissed, at: datetime) -> None:
    """Remind who owes the next step: the provider its file, the desk a decision."""
    del at
    with_provider = Case.objects.filter(reference=event.case, status=CaseState.OPEN).exists()
    people = _members(_provider_of(event.product)) if with_provider else _desk()
    _send(entry, people, event.case, _address(entry))


@on(LineNeared)
def warn_the_exporter(*, entry: Entry, event: LineNeared, at: datetime) -> None:
    """Tell the provider whose exports come near a line, before one has to be refused.

    The share of a line at which this is said stands in the export rules (`warn_percent`).
    """
    del at
    people = _members(event.organization)
    _send(entry, people, f"{event.persons:,} / {event.line_at:,}", "exports/")


@on(CoreSealed)
def tell_the_regulator(*, entry: Entry, event: CoreSealed, at: datetime) -> None:
    """Tell every person of the regulator at once (《网络数据安全管理条例》第六十三条)."""
    del at
    _send(entry, _desk(OrganizationRole.REGULATOR), event.release, "sealed/")


def _provider_of(product: str) -> str:
    rows = Product.objects.filter(reference=product)
    return rows.values_list("provider__reference", flat=True).first() or ""


def _members(organization: str) -> People:
    rows = Member.objects.filter(organization__reference=organization)
    return {member.user: "provider" for member in _acting(rows)}


def _desk(*roles: str) -> People:
    """Return those who decide, each with the console in which it works."""
    rows = Member.objects.filter(organization__status=OrganizationState.ADMITTED)
    found: People = {}
    for role in roles or (OrganizationRole.REGULATOR, OrganizationRole.OPERATOR):
        for member in _acting(rows):
            if role in member.organization.roles_in_force:
                found[member.user] = str(role).lower()
    return found


def _acting(rows: QuerySet[Member]) -> Iterable[Member]:
    able = rows.exclude(role=MemberRole.VIEWER).filter(user__is_active=True)
    return able.select_related("organization", "user").order_by("pk")


def _address(entry: Entry) -> str:
    return f"{entry.subject_kind}s/{entry.subject}/"


def _send(entry: Entry, people: People, reference: str, path: str) -> None:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    for user, console in people.items():
        with translation.override(user.language):
            what = str(WHAT[entry.name])
            body = str(
                _(
                    "%(what)s: %(reference)s.\n\nRead it after signing in:\n%(link)s\n\nThis mail "
                    "says nothing of what stands in the file."
                )
            ) % {
                "what": what,
                "reference": reference,
                "link": f"{settings.BASE_URL.rstrip('/')}/{console}/{path}",
            }
        mark = hashlib.sha256(f"{entry.id} {user.pk}".encode()).hexdigest()[:32]
        EmailMessage(
            subject=f"{settings.EXCHANGE_NAME}: {what}",
            body=body,
            to=[user.email],
            headers={"Message-ID": f"<{mark}@{domain}>", "Auto-Submitted": "auto-generated"},
        ).send()
