"""What the filter stopped and why, for the regulator: by rule, and screening by screening."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.rulebook.queries import day_of
from exchange.compliance import queries as compliance
from exchange.compliance.models import Screening
from exchange.oversight.statistics import RuleCount, blocked_statistics
from exchange.web.charts import Bar
from exchange.web.components import Column, Head, Link
from exchange.web.forms.decisions import ScreeningFilter, valid
from exchange.web.pages import Page
from exchange.web.paging import paginate
from exchange.web.timelines import moments_for

from .findings import findings_of, rule_titles

RULE_COLUMNS = (
    Column(label=gettext_lazy("Rule")),
    Column(label=gettext_lazy("Legal basis")),
    Column(label=gettext_lazy("Blocked"), number=True),
    Column(label=gettext_lazy("To review"), number=True),
)
SCREENING_COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Screening")),
    Column(label=gettext_lazy("Outcome")),
    Column(label=gettext_lazy("Rules")),
    Column(label=gettext_lazy("Grade")),
    Column(label=gettext_lazy("Finished")),
)


class Blocked(Page):
    """What the filter stopped and why: by rule, and screening by screening."""

    roles = ("REGULATOR",)
    look = "screenings"
    template_name = "regulator/blocked.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = ScreeningFilter(self.request.GET)
        said = valid(form)
        rows = compliance.screenings_visible_to(self.actor).exclude(outcome="")
        rows = (
            rows.filter(outcome=said["outcome"])
            if said.get("outcome")
            else rows.exclude(outcome="CLEAR")
        )
        if rule := said.get("rule", "").strip():
            words = Cast("rules", TextField())
            rows = rows.annotate(fired=words).filter(fired__contains=f'"{rule}"')
        titles = rule_titles(day_of(self.now))
        counts = blocked_statistics(self.actor)
        head = Head(
            title=_("What was stopped"),
            kind=_("Regulator"),
            summary=_("Forbidden data does not reach the market; each stop names its rule."),
        )
        return super().get_context_data(
            head=head,
            form=form,
            bars=bars_of(counts, titles),
            counts=[(count, titles.get(count.rule, {})) for count in counts],
            page=paginate(rows, self.request.GET, order=("-created_at", "-pk")),
            rule_columns=RULE_COLUMNS,
            columns=SCREENING_COLUMNS,
            **kwargs,
        )


def bars_of(counts: Iterable[RuleCount], titles: Mapping[str, Mapping[str, str]]) -> list[Bar]:
    """Return how often each rule stopped something, as bars."""
    return [
        Bar(
            label=titles.get(count.rule, {}).get("title", count.rule),
            value=count.blocked + count.reviewed,
        )
        for count in counts
    ]


class ScreeningPage(Page):
    """The report of one screening."""

    roles = ("REGULATOR",)
    look = "screening"
    template_name = "regulator/screening.html"
    screening: Screening

    def load(self, **kwargs: Any) -> None:
        self.screening = compliance.get_screening_for(self.actor, kwargs["reference"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        screening = self.screening
        product = screening.release.product
        head = Head(
            title=product.name,
            kind=_("Screening"),
            reference=screening.reference,
            owner=Link(
                label=product.provider.name,
                url=reverse("regulator_product", args=[product.reference]),
            ),
            status=screening.outcome or screening.status,
            status_label=screening.get_outcome_display() or screening.get_status_display(),
            since=screening.finished_at or screening.created_at,
            crumbs=[Link(label=_("What was stopped"), url=reverse("regulator_blocked"))],
        )
        return super().get_context_data(
            screening=screening,
            head=head,
            findings=findings_of(screening),
            moments=moments_for(self.actor, "screening", screening.reference),
            **kwargs,
        )


urlpatterns = [
    path("regulator/blocked/", Blocked.as_view(), name="regulator_blocked"),
    path(
        "regulator/screenings/<str:reference>/",
        ScreeningPage.as_view(),
        name="regulator_screening",
    ),
]
