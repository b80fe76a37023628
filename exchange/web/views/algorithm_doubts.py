"""Decisions in doubt: what a suspended algorithm decided since the day the suspension names."""

from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.decisions import queries
from audit.decisions.models import Decision
from audit.disclosure.models import Suspension
from exchange.audits.doubt import DoubtSearch, find_in_doubt
from exchange.parties.queries import organization_names
from exchange.web.components import Column, Head, Link
from exchange.web.forms.why import DoubtFilter
from exchange.web.pages import Page
from exchange.web.paging import paginate
from exchange.web.words import kind_word, place_of

from .decisions import decided_by, subject_url

COLUMNS = (
    Column(label=gettext_lazy("Decision")),
    Column(label=gettext_lazy("What was decided")),
    Column(label=gettext_lazy("About")),
    Column(label=gettext_lazy("Organization concerned")),
    Column(label=gettext_lazy("In doubt because of")),
    Column(label=gettext_lazy("A person's word")),
)


class Doubts(Page):
    """Every decision in doubt, with the way to its explanation and to the thing it was about."""

    roles = ("REGULATOR",)
    look = "decisions"
    template_name = "audits/doubts.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        names = queries.algorithm_names()
        kinds = [(kind, str(kind_word(kind))) for kind in queries.kinds_decided()]
        form = DoubtFilter(self.request.GET, algorithms=sorted(names.items()), kinds=kinds)
        said = DoubtSearch(**form.cleaned_data) if form.is_valid() else DoubtSearch()
        rows = find_in_doubt(self.actor, said)
        page = paginate(rows, self.request.GET, order=("-taken_at", "-pk"), size=30)
        known = queries.suspensions_on_record()
        parties = organization_names({row.concerning for row in page if row.concerning})
        return super().get_context_data(
            head=Head(
                title=_("Decisions in doubt"),
                kind=_("Regulator"),
                summary=_(
                    "A suspended algorithm decides nothing; what it decided from the day that the "
                    "suspension names is in doubt until a person has looked at it."
                ),
                crumbs=[Link(label=_("Algorithms"), url=reverse("regulator_algorithms"))],
            ),
            filters=form,
            page=page,
            columns=COLUMNS,
            rows=[_line(row, queries.doubts_among(row, known), parties) for row in page],
            **kwargs,
        )


def _line(row: Decision, doubts: list[Suspension], parties: dict[str, str]) -> dict[str, Any]:
    return {
        "decision": row,
        "decided": decided_by(row),
        "kind": kind_word(row.subject_kind),
        "url": subject_url(row) or place_of(row.subject_kind, row.subject),
        "party": parties.get(row.concerning, row.concerning),
        "doubts": doubts,
        "word": row.overrides.all()[:1],
    }


urlpatterns = [
    path("regulator/algorithms/in-doubt/", Doubts.as_view(), name="regulator_doubts"),
]
