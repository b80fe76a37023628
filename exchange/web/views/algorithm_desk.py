"""The regulator's desk of algorithms: the register, audits, findings and appeals, in figures."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.decisions.queries import in_doubt
from audit.decisions.queries import visible_to as decisions_visible_to
from audit.disclosure.models import Disclosure
from audit.disclosure.overdue import (
    overdue_cancellations,
    overdue_changes,
    overdue_filings,
    overdue_reviews,
)
from audit.disclosure.queries import latest_evaluations_of, register, visible_to
from audit.disclosure.states import DisclosureState
from audit.rulebook.queries import day_of
from exchange.audits.appeal_queries import appeals_visible_to
from exchange.audits.doubt import decisions_in_doubt, open_suspensions
from exchange.audits.queries import (
    Due,
    audits_visible_to,
    findings_visible_to,
    schedule,
    under_way_keys,
)
from exchange.audits.states import UNDER_WAY, WAITING, AppealState, AuditState, FindingState
from exchange.parties.queries import organization_names
from exchange.web.charts import Bar
from exchange.web.components import Column, Head
from exchange.web.pages import Page
from exchange.web.paging import paginate

SOONEST = 10
OVERDUE = (overdue_filings, overdue_changes, overdue_cancellations)
OWED = (FindingState.OPEN, FindingState.OVERDUE)
DUE_COLUMNS = (
    Column(label=gettext_lazy("Algorithm")),
    Column(label=gettext_lazy("Last looked at")),
    Column(label=gettext_lazy("Next report due")),
    Column(label=gettext_lazy("State")),
)
CLAIM_COLUMNS = (
    Column(label=gettext_lazy("Algorithm")),
    Column(label=gettext_lazy("Verdict")),
    Column(label=gettext_lazy("Evaluated")),
    Column(label=gettext_lazy("What you can do")),
)
STANDING_COLUMNS = (
    Column(label=gettext_lazy("Algorithm")),
    Column(label=gettext_lazy("Owner")),
    Column(label=gettext_lazy("State")),
    Column(label=gettext_lazy("What you can do")),
)
SUSPENDED_COLUMNS = (
    Column(label=gettext_lazy("Algorithm")),
    Column(label=gettext_lazy("Suspended")),
    Column(label=gettext_lazy("Decisions in doubt since")),
    Column(label=gettext_lazy("Decisions in doubt"), number=True),
    Column(label=gettext_lazy("What you can do")),
)


class AlgorithmDesk(Page):
    """What supervision of algorithms has to see at a glance; each figure leads to its list."""

    roles = ("REGULATOR",)
    template_name = "audits/desk.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = day_of(self.now)
        published = list(register())
        audits = audits_visible_to(self.actor)
        findings = findings_visible_to(self.actor)
        appeals = appeals_visible_to(self.actor)
        dues = schedule(today)
        begun = under_way_keys()
        claims = contradicted(published)
        page = paginate(register(), self.request.GET, order=("owner", "algorithm", "pk"), size=20)
        names = organization_names({row.owner for row in page if row.owner})
        audit_list, finding_list = reverse("regulator_audits"), reverse("audit_findings")
        appeal_list = reverse("regulator_algorithm_appeals")
        late = {"due_on__lt": today}
        return super().get_context_data(
            head=Head(
                title=_("Algorithms"),
                kind=_("Regulator"),
                summary=_("Counts, and what the public register says; lists ask for a purpose."),
            ),
            tiles=[
                (
                    _("In force"),
                    sum(row.status == DisclosureState.PUBLISHED for row in published),
                    reverse("algorithms"),
                ),
                (
                    _("Filings overdue"),
                    sum(rows(today).count() for rows in OVERDUE),
                    reverse("algorithm_filings"),
                ),
                (
                    _("Reviews past their time"),
                    overdue_reviews(today).count(),
                    reverse("algorithm_filings"),
                ),
                (
                    _("Audits under way"),
                    audits.filter(status__in=UNDER_WAY).count(),
                    audit_list,
                ),
                (
                    _("Audits overdue"),
                    audits.filter(status__in=UNDER_WAY, **late).count(),
                    f"{audit_list}?status=LATE",
                ),
                (
                    _("Findings past their time"),
                    findings.filter(status__in=OWED, **late).count(),
                    f"{finding_list}?status=LATE",
                ),
                (
                    _("Findings that put decisions in doubt"),
                    findings.filter(doubt_since__isnull=False)
                    .exclude(status=FindingState.CLOSED)
                    .count(),
                    f"{finding_list}?status=DOUBT",
                ),
                (
                    _("Appeals past their time"),
                    appeals.filter(status__in=WAITING, **late).count(),
                    f"{appeal_list}?status=LATE",
                ),
                (
                    _("Appeals before you"),
                    appeals.filter(status=AppealState.REFERRED).count(),
                    f"{appeal_list}?status=REFERRED",
                ),
                (
                    _("Decisions in doubt"),
                    in_doubt(decisions_visible_to(self.actor)).count(),
                    reverse("regulator_doubts"),
                ),
                (_("Claims that measurements contradict"), len(claims), "#claims"),
            ],
            register_bars=bars_of(visible_to(self.actor), DisclosureState),
            audit_bars=bars_of(audits, AuditState),
            finding_bars=bars_of(findings, FindingState),
            appeal_bars=bars_of(appeals, AppealState),
            dues=[_due(row, begun, overdue=row.due_on < today) for row in dues[:SOONEST]],
            due_columns=DUE_COLUMNS,
            claims=claims,
            suspended=[
                {"suspension": row, "count": decisions_in_doubt(row).count()}
                for row in open_suspensions()
            ],
            suspended_columns=SUSPENDED_COLUMNS,
            page=page,
            standing=[
                {"disclosure": row, "owner": names.get(row.owner) or _("the exchange itself")}
                for row in page
            ],
            standing_columns=STANDING_COLUMNS,
            claim_columns=CLAIM_COLUMNS,
            **kwargs,
        )


def bars_of(rows: QuerySet[Any], states: Any) -> list[Bar]:
    """Return how many rows stand in each state, in the order of the states."""
    counted = rows.order_by().values("status").annotate(count=Count("pk"))
    counts = {row["status"]: row["count"] for row in counted}
    return [
        Bar(label=str(state.label), value=counts[state]) for state in states if counts.get(state)
    ]


def contradicted(published: Iterable[Disclosure]) -> list[dict[str, Any]]:
    """Return the disclosures whose latest evaluation contradicts what they claim."""
    rows = list(published)
    latest = latest_evaluations_of(rows)
    return [
        {"disclosure": row, "evaluation": latest[row.pk]}
        for row in rows
        if row.pk in latest and latest[row.pk].is_bad_news
    ]


def _due(row: Due, begun: set[tuple[str, str]], *, overdue: bool) -> dict[str, Any]:
    key = (row.disclosure.owner, row.disclosure.algorithm)
    return {"due": row, "open": key in begun, "overdue": overdue}


urlpatterns = [
    path("regulator/algorithms/", AlgorithmDesk.as_view(), name="regulator_algorithms"),
]
