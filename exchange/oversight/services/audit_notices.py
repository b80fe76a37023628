"""Mails about audits, appeals and suspended algorithms: to who has to act, or is concerned.

A mail names the thing and where to read it, never what was found or said.
"""

from collections.abc import Iterable

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.disclosure.events import DisclosureSuspended, SuspensionLifted
from audit.disclosure.models import Suspension
from audit.log.events import Event
from audit.log.models import Entry
from exchange.audits.appeal_events import (
    AlgorithmAppealLodged,
    AlgorithmAppealMissed,
    AlgorithmAppealReminded,
)
from exchange.audits.doubt import organizations_in_doubt
from exchange.audits.events import (
    AuditMissed,
    AuditReminded,
    FindingEscalated,
    FindingRaised,
    FindingReminded,
)
from exchange.audits.queries import organizations_of
from exchange.parties.models import Organization
from exchange.parties.states import OrganizationState

from .notices import acting_for, link_to, send_notice

WHAT: dict[str, str | Promise] = {
    AuditReminded.name: gettext_lazy("the audit of an algorithm is due soon"),
    AuditMissed.name: gettext_lazy("the audit of an algorithm is overdue"),
    FindingRaised.name: gettext_lazy("an audit found something; your answer is due"),
    FindingReminded.name: gettext_lazy("the answer to a finding of an audit is due soon"),
    FindingEscalated.name: gettext_lazy("a finding of an audit was not answered in time"),
    AlgorithmAppealLodged.name: gettext_lazy("an appeal against an algorithm waits for an answer"),
    AlgorithmAppealReminded.name: gettext_lazy(
        "the answer to an appeal against an algorithm is due soon"
    ),
    AlgorithmAppealMissed.name: gettext_lazy("an appeal against an algorithm is overdue"),
    DisclosureSuspended.name: gettext_lazy(
        "an algorithm that decided about you is suspended; its decisions are in doubt"
    ),
    SuspensionLifted.name: gettext_lazy("an algorithm that decided about you decides again"),
}
WHERE = {
    "algorithm_audit": "audits",
    "audit_finding": "audit-findings",
    "algorithm_appeal": "algorithm-appeals",
}
WATCHED = (AuditMissed.name, FindingEscalated.name, AlgorithmAppealMissed.name)
"""Of these regulators are told as well."""


def tell_of_audit(*, entry: Entry, event: Event) -> int:
    """Tell who answers for the algorithm, and regulators of what is late; return the mails sent.

    Of an appeal in its second instance only the regulators are reminded: they owe the answer.
    """
    kind, reference = event.subject
    owner = str(getattr(event, "organization", ""))
    if isinstance(event, AlgorithmAppealReminded) and event.instance > 1:
        return _send(entry, _regulators(), reference, f"{WHERE[kind]}/{reference}/")
    told = list(organizations_of(owner))
    if entry.name in WATCHED:
        told += _regulators()
    return _send(entry, told, reference, f"{WHERE[kind]}/{reference}/")


def tell_of_suspension(*, entry: Entry, event: DisclosureSuspended | SuspensionLifted) -> int:
    """Tell the organizations that decisions in doubt concern; return the mails sent."""
    found = Suspension.objects.filter(reference=event.suspension).select_related("disclosure")
    suspension = found.first()
    if suspension is None:
        return 0
    concerned = Organization.objects.filter(reference__in=organizations_in_doubt(suspension))
    path = f"algorithms/{event.disclosure}/"
    return _send(entry, concerned.order_by("pk"), event.disclosure, path)


def _regulators() -> list[Organization]:
    admitted = Organization.objects.filter(status=OrganizationState.ADMITTED)
    return [row for row in admitted.order_by("pk") if "REGULATOR" in row.roles]


def _send(entry: Entry, told: Iterable[Organization], reference: str, path: str) -> int:
    sent = 0
    for organization in told:
        for member in acting_for(organization.pk):
            with translation.override(member.user.language):
                what = str(WHAT[entry.name])
                said = {"reference": reference, "what": what, "link": link_to(path)}
                body = _("%(reference)s: %(what)s.\n\nRead it after signing in:\n%(link)s") % said
            words = (f"{settings.EXCHANGE_NAME}: {what}", body)
            send_notice(member.user, entry, words)
            sent += 1
    return sent
