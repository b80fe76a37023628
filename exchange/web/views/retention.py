"""Retention before regulator and operator: terms, legal holds, what is due, what was destroyed."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from audit.log.errors import NotAllowed
from audit.retention import queries, rules
from audit.retention.models import Destruction, LegalHold
from audit.retention.services import is_sound, lift_hold, place_hold
from audit.retention.states import HoldState
from audit.retention.terms import RetentionClass, classes_on, pack_on
from audit.rulebook.queries import day_of
from exchange.oversight.retention import destroy_due, list_due
from exchange.oversight.rules import why_not_destroy_due
from exchange.parties.queries import erasures_visible_to
from exchange.parties.states import ErasureState
from exchange.web.components import Action, Column, Head, Link
from exchange.web.forms.decisions import HoldForm
from exchange.web.forms.reasons import ReasonForm
from exchange.web.pages import ActPage, Page
from exchange.web.paging import paginate
from exchange.web.timelines import moments_for

from .desk import Decision, Desk
from .personal import note_of, title_of

SHOWN = 200
CONSOLES = {"REGULATOR": "regulator", "OPERATOR": "operator"}
HOLD_COLUMNS = (
    Column(label=gettext_lazy("Hold")),
    Column(label=gettext_lazy("Placed on")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Reason and legal basis")),
    Column(label=pgettext_lazy("hold", "Placed")),
)
CLASS_COLUMNS = (
    Column(label=gettext_lazy("Records")),
    Column(
        label=gettext_lazy("Kept"),
        meaning=gettext_lazy("What the exchange keeps at least, from the end of the matter"),
    ),
    Column(
        label=gettext_lazy("By law"),
        meaning=gettext_lazy("What a law demands; only that holds back the erasure of a person"),
    ),
    Column(
        label=gettext_lazy("Destroyed after"),
        meaning=gettext_lazy("When the clock destroys it, unless a legal hold is in force"),
    ),
    Column(label=gettext_lazy("On what basis")),
)
DUE_COLUMNS = (
    Column(label=gettext_lazy("What")),
    Column(label=gettext_lazy("Class")),
    Column(label=gettext_lazy("Ended")),
    Column(label=gettext_lazy("Due since")),
    Column(label=gettext_lazy("Held by")),
)
ERASURE_COLUMNS = (
    Column(label=gettext_lazy("Erasure")),
    Column(label=gettext_lazy("Pseudonym")),
    Column(label=gettext_lazy("Ground")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Requested")),
)
DESTRUCTION_COLUMNS = (
    Column(label=gettext_lazy("Record")),
    Column(label=gettext_lazy("What")),
    Column(label=gettext_lazy("Class")),
    Column(label=gettext_lazy("Destroyed")),
)


def way(page: Page, name: str, *args: object) -> str:
    """Return the address of a page of this module in the actor's own console."""
    console = next(key for role, key in CONSOLES.items() if page.actor.has_role(role))
    return reverse(f"{console}_{name}", args=args)


class Retention(Desk):
    """Terms, holds, what is due, erasures that wait, and what was destroyed."""

    roles = tuple(CONSOLES)
    look = "retention"
    template_name = "retention/overview.html"

    def decisions(self) -> Sequence[Decision]:
        return [
            Decision(
                name="hold",
                title=_("Place a legal hold"),
                note=_("From now on nothing that belongs to the thing is destroyed or erased."),
                verb=_("Place the hold"),
                form_class=HoldForm,
                call=self._place,
                done=_("The legal hold is in force."),
                onward=way(self, "retention"),
                reason=rules.why_not_hold(self.actor),
                folded=True,
            )
        ]

    def _place(self, said: Mapping[str, Any]) -> None:
        place_hold(**said, by=self.actor, at=self.now)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        day = day_of(self.now)
        due = list(islice(list_due(at=self.now), SHOWN))
        refusal = why_not_destroy_due(self.actor)
        destroy = Action(
            label=_("Destroy what is due"),
            url=reverse("operator_destroy_due") if not refusal else "",
            danger=True,
            ask=_("What is due and not held is destroyed for good, each with a signed record."),
            reason=refusal or (None if due else _("Nothing is due.")),
        )
        waiting = erasures_visible_to(self.actor).filter(status=ErasureState.BLOCKED)
        holds = queries.holds_visible_to(self.actor)
        return super().get_context_data(
            head=Head(
                title=_("Retention and holds"),
                summary=_(
                    "What is kept how long, what must not be destroyed, and the record of what was."
                ),
                actions=self.way(),
                why=[Link(label=pack_on(day).label, url=reverse("rule_packs"))],
            ),
            in_force=[self._hold_row(hold) for hold in holds.filter(status=HoldState.IN_FORCE)],
            lifted=[self._hold_row(hold) for hold in holds.filter(status=HoldState.LIFTED)[:50]],
            hold_columns=HOLD_COLUMNS,
            classes=[_class_row(each) for each in classes_on(day)],
            class_columns=CLASS_COLUMNS,
            due=due,
            due_columns=DUE_COLUMNS,
            destroy=destroy,
            waiting=waiting[:SHOWN],
            erasure_columns=ERASURE_COLUMNS,
            page=paginate(
                queries.destructions_visible_to(self.actor),
                self.request.GET,
                order=("-destroyed_at", "-pk"),
            ),
            destruction_columns=DESTRUCTION_COLUMNS,
            record_route=way(self, "destruction", "X")[: -len("X/")],
            **kwargs,
        )

    def _hold_row(self, hold: LegalHold) -> dict[str, Any]:
        return {"hold": hold, "url": way(self, "hold", hold.reference)}


def _class_row(each: RetentionClass) -> dict[str, Any]:
    return {
        "each": each,
        "title": title_of(each),
        "note": note_of(each),
        "minimum": _months(each.minimum),
        "statutory": _months(each.statutory),
        "maximum": _months(each.maximum) if each.maximum is not None else "",
    }


def _months(count: int) -> str:
    """Return a term in years where it is whole years."""
    if not count:
        return ""
    years, rest = divmod(count, 12)
    if rest:
        return _("%(count)d months") % {"count": count} if count > 1 else _("1 month")
    return _("%(count)d years") % {"count": years} if years > 1 else _("1 year")


class HoldDesk(Desk):
    """One legal hold, and its lifting."""

    roles = tuple(CONSOLES)
    template_name = "retention/hold.html"
    hold: LegalHold

    def load(self, **kwargs: Any) -> None:
        self.hold = queries.get_hold_for(self.actor, kwargs["reference"])

    def decisions(self) -> Sequence[Decision]:
        if self.hold.status != HoldState.IN_FORCE:
            return []
        return [
            Decision(
                name="lift",
                title=_("Lift the hold"),
                note=_("What is due is destroyed by the next run of the clock."),
                verb=_("Lift the hold"),
                form_class=ReasonForm,
                call=lambda said: lift_hold(
                    hold=self.hold, reason=said["reason"], by=self.actor, at=self.now
                ),
                done=_("The legal hold is lifted."),
                onward=way(self, "hold", self.hold.reference),
                reason=rules.why_not_lift(self.actor, self.hold),
            )
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        hold = self.hold
        head = Head(
            title=_("Legal hold on %(thing)s") % {"thing": hold.subject},
            kind=hold.get_kind_display(),
            reference=hold.reference,
            status=hold.status,
            status_label=hold.get_status_display(),
            since=hold.lifted_at or hold.placed_at,
            actions=self.way(),
            crumbs=[Link(label=_("Retention and holds"), url=way(self, "retention"))],
        )
        return super().get_context_data(
            hold=hold,
            head=head,
            moments=moments_for(self.actor, "hold", hold.reference),
            **kwargs,
        )


class DestructionRecord(Page):
    """One signed record of a destruction, and whether its signature holds."""

    roles = tuple(CONSOLES)
    look = "retention"
    template_name = "retention/destruction.html"
    kept: Destruction

    def load(self, **kwargs: Any) -> None:
        self.kept = queries.get_destruction_for(self.actor, kwargs["reference"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kept = self.kept
        head = Head(
            title=_("Destruction record"),
            kind=kept.get_kind_display(),
            reference=kept.reference,
            since=kept.destroyed_at,
            crumbs=[Link(label=_("Retention and holds"), url=way(self, "retention"))],
        )
        return super().get_context_data(
            head=head,
            kept=kept,
            sound=is_sound(kept),
            moments=moments_for(self.actor, "destruction", kept.reference),
            **kwargs,
        )


class DestroyDue(ActPage):
    """The button that destroys what is due, without waiting for the clock."""

    roles = ("OPERATOR",)
    done = gettext_lazy("What was due and not held is destroyed; each has its signed record.")

    def act(self) -> str:
        if refusal := why_not_destroy_due(self.actor):
            raise NotAllowed(refusal)
        destroy_due(by=self.actor, at=self.now)
        return way(self, "retention")


urlpatterns = [
    path("operator/retention/destroy/", DestroyDue.as_view(), name="operator_destroy_due"),
    *[
        route
        for console in CONSOLES.values()
        for route in (
            path(f"{console}/retention/", Retention.as_view(), name=f"{console}_retention"),
            path(
                f"{console}/retention/holds/<str:reference>/",
                HoldDesk.as_view(),
                name=f"{console}_hold",
            ),
            path(
                f"{console}/retention/records/<str:reference>/",
                DestructionRecord.as_view(),
                name=f"{console}_destruction",
            ),
        )
    ],
]
