"""Mails about claims that a measurement does not bear out: to the owner, and to the regulators."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from audit.disclosure.events import AlgorithmEvaluated
from audit.disclosure.models import EvaluationReport
from audit.disclosure.queries import get_evaluation
from audit.disclosure.wording import VERDICTS
from audit.log.models import Entry
from exchange.parties.models import Organization, User
from exchange.parties.states import OrganizationState

from .notices import acting_for, link_to, send_notice

REGULATOR = "REGULATOR"


def tell_of_evaluation(*, entry: Entry, event: AlgorithmEvaluated) -> int:
    """Tell whom a failed claim concerns; return how many mails were sent, none for a good one."""
    report = get_evaluation(event.evaluation)
    if not report.is_bad_news:
        return 0
    sent = 0
    for organization in _concerned(report):
        for member in acting_for(organization.pk):
            send_notice(member.user, entry, _words(member.user, report))
            sent += 1
    return sent


def _concerned(report: EvaluationReport) -> list[Organization]:
    admitted = Organization.objects.filter(status=OrganizationState.ADMITTED).order_by("pk")
    return [
        row
        for row in admitted
        if row.reference == report.disclosure.owner or REGULATOR in row.roles
    ]


def _words(user: User, report: EvaluationReport) -> tuple[str, str]:
    with translation.override(user.language):
        said = {
            "exchange": settings.EXCHANGE_NAME,
            "name": report.disclosure.name,
            "disclosure": report.disclosure.reference,
            "verdict": VERDICTS[report.verdict],
            "metric": report.metric or "–",
            "declared": report.declared or "–",
            "measured": report.measured or "–",
            "low": report.ci_low or "–",
            "high": report.ci_high or "–",
            "baseline": report.baseline or "–",
            "rows": report.rows,
            "report": report.reference,
            "link": link_to(f"evaluation/runs/{report.run}/"),
        }
        return _("%(exchange)s: the claim of %(name)s was measured: %(verdict)s") % said, _(
            "The algorithm %(name)s (%(disclosure)s) was measured on a sealed set of %(rows)s "
            "rows.\n\nDeclared: %(metric)s = %(declared)s\nMeasured: %(measured)s, 95 %% interval "
            "%(low)s to %(high)s; a simple rule reaches %(baseline)s\nVerdict: %(verdict)s\n"
            "Report: %(report)s\n\nFindings and what to do next are on the page of the "
            "measurement; the register shows the claim with the figure measured beside it:\n"
            "%(link)s"
        ) % said
