"""What a regulator orders at its desk: an algorithm in the register is suspended, and goes on."""

from collections.abc import Sequence
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.disclosure.models import Disclosure
from audit.disclosure.queries import get_registered, is_held_by_regulator
from audit.disclosure.rules import disclosure_actions
from exchange.audits.doubt import suspensions_with_doubt
from exchange.parties.queries import organization_names
from exchange.web.components import Column, Head, Link

from .desk import Decision, Desk
from .disclosure_desk import review_decision

VERBS = ("suspend", "lift")
COLUMNS = (
    Column(label=gettext_lazy("Suspended")),
    Column(label=gettext_lazy("Reason and legal basis")),
    Column(label=gettext_lazy("Decisions in doubt since")),
    Column(label=gettext_lazy("Decisions in doubt"), number=True),
    Column(label=gettext_lazy("Lifted")),
)


class AlgorithmOrder(Desk):
    """One algorithm in the register, its suspensions, and the order open on it now.

    It shows what the public register says, and counts. The filing with its restricted texts is at
    the review desk, under a purpose.
    """

    roles = ("REGULATOR",)
    template_name = "audits/order.html"
    row: Disclosure

    def load(self, **kwargs: Any) -> None:
        self.row = get_registered(kwargs["reference"])
        self.suspensions = suspensions_with_doubt(self.row.algorithm, owner=self.row.owner)

    def decisions(self) -> Sequence[Decision]:
        open_to = disclosure_actions(
            self.actor,
            self.row,
            suspensions=[each for each, _count in self.suspensions if each.is_open],
            held=is_held_by_regulator(self.row),
        )
        here = reverse("regulator_algorithm", args=[self.row.reference])
        return [
            review_decision(verb, self.row, page=self, onward=here)
            for verb in VERBS
            if verb in open_to
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.row
        owner = organization_names([row.owner]).get(row.owner, row.owner)
        return super().get_context_data(
            head=Head(
                title=row.name,
                kind=row.get_algorithm_type_display(),
                reference=row.reference,
                status=row.status,
                status_label=row.get_status_display(),
                lifecycle="disclosure",
                since=row.status_since,
                actions=self.way(),
                crumbs=[Link(label=_("Algorithms"), url=reverse("regulator_algorithms"))],
                why=[
                    Link(
                        label=_("As everybody sees it"),
                        url=reverse("algorithm", args=[row.reference]),
                    ),
                    Link(
                        label=_("The filing in full"),
                        url=reverse("algorithm_filing", args=[row.reference]),
                    ),
                ],
            ),
            row=row,
            owner=owner if row.owner else _("the exchange itself"),
            suspensions=self.suspensions,
            columns=COLUMNS,
            **kwargs,
        )


urlpatterns = [
    path(
        "regulator/algorithms/<str:reference>/",
        AlgorithmOrder.as_view(),
        name="regulator_algorithm",
    ),
]
