"""Writing rules: the regulator's drafts, from the first change to the day they bind."""

from collections.abc import Mapping
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from audit.log.errors import NotFound
from audit.rulebook import queries, rules, services
from audit.rulebook.models import RuleDraft, RulePack
from audit.rulebook.queries import Pack, day_of, list_kinds, list_packs
from audit.rulebook.states import OPEN, PackState
from exchange.compliance.queries import rescreenings_visible_to
from exchange.web.components import Column, Head, Link
from exchange.web.forms.reasons import ReasonForm
from exchange.web.forms.rulebook import (
    start_form,
)
from exchange.web.timelines import moments_for

from . import rule_drafts
from .desk import Decision, Desk
from .registers import KINDS

REGULATOR = ("REGULATOR",)
DRAFT_COLUMNS = (
    Column(label=gettext_lazy("Draft")),
    Column(label=gettext_lazy("Rules")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Binding from")),
    Column(label=gettext_lazy("Reason")),
)
VERSION_COLUMNS = (
    Column(label=gettext_lazy("Rules")),
    Column(label=gettext_lazy("Version")),
    Column(label=gettext_lazy("Binding from")),
    Column(label=gettext_lazy("Status")),
)
RUN_COLUMNS = (
    Column(label=gettext_lazy("Re-screening")),
    Column(label=gettext_lazy("Version")),
    Column(label=gettext_lazy("Status")),
    Column(label=pgettext_lazy("state", "Since")),
)


class RulesDesk(Desk):
    """All rules: versions in force and coming, drafts, re-screenings, and a new draft."""

    roles = REGULATOR
    template_name = "rulebook/overview.html"

    def decisions(self) -> list[Decision]:
        starts = [
            (pack.label, f"{KINDS.get(kind, kind)} · {pack.label}")
            for kind in list_kinds()
            for pack in list_packs(kind)[-2:]
        ]
        return [
            Decision(
                name="start",
                title=_("Begin a draft"),
                note=_(
                    "It begins with the text of a version; nothing binds before it is approved."
                ),
                verb=_("Begin the draft"),
                form_class=start_form(starts),
                call=self._start,
                done=_("The draft is begun; change it under its reference."),
                onward=reverse("regulator_rules"),
                reason=rules.why_not_write(self.actor),
                initial={"kind": list_packs("compliance")[-1].label},
            )
        ]

    def _start(self, said: Mapping[str, Any]) -> RuleDraft:
        label = str(said["kind"])
        return services.start_draft(
            kind=label.partition("@")[0],
            base=label,
            reason=said["reason"],
            by=self.actor,
            at=self.now,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = day_of(self.now)
        head = Head(
            title=_("Rules"),
            kind=_("Regulator"),
            summary=_(
                "A version is written by one person, approved by another, and never changes."
            ),
            why=[Link(label=_("Rules in force"), url=reverse("rule_packs"))],
        )
        stored = {row.reference: row for row in RulePack.objects.all()}
        versions = [
            {
                "pack": pack,
                "label": KINDS.get(kind, kind),
                "coming": pack.effective_on > today,
                "current": pack == _in_force(kind, today),
                "row": stored.get(pack.label),
            }
            for kind in list_kinds()
            for pack in reversed(list_packs(kind))
        ]
        drafts = queries.drafts_visible_to(self.actor)
        return super().get_context_data(
            head=head,
            versions=versions,
            version_columns=VERSION_COLUMNS,
            drafts=list(drafts.filter(status__in=OPEN)[:100]),
            closed=list(drafts.exclude(status__in=OPEN)[:20]),
            draft_columns=DRAFT_COLUMNS,
            runs=list(rescreenings_visible_to(self.actor)[:20]),
            run_columns=RUN_COLUMNS,
            kinds=KINDS,
            **kwargs,
        )


def _in_force(kind: str, today: Any) -> Pack | None:
    before = [pack for pack in list_packs(kind) if pack.effective_on <= today]
    return before[-1] if before else None


class PackDesk(Desk):
    """One stored version: what it changed, and its withdrawal before its day."""

    roles = REGULATOR
    template_name = "rulebook/version.html"
    row: RulePack

    def load(self, **kwargs: Any) -> None:
        found = RulePack.objects.filter(reference=kwargs["reference"]).first()
        if found is None:
            raise NotFound
        self.row = found

    def decisions(self) -> list[Decision]:
        if self.row.status != PackState.PUBLISHED:
            return []
        return [
            Decision(
                name="withdraw",
                title=_("Withdraw this version"),
                note=_(
                    "Possible until ten minutes before it binds; the re-screening ends with it."
                ),
                verb=_("Withdraw the version"),
                form_class=ReasonForm,
                call=lambda said: services.withdraw_pack(
                    pack=self.row, reason=said["reason"], by=self.actor, at=self.now
                ),
                done=_("The version is withdrawn."),
                onward=reverse("regulator_rules_version", args=[self.row.reference]),
                reason=rules.why_not_withdraw(self.actor, self.row, self.now),
                danger=True,
            )
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.row
        head = Head(
            title=str(KINDS.get(row.kind, row.kind)),
            kind=_("Version"),
            reference=row.reference,
            status=row.status,
            status_label=row.get_status_display(),
            since=row.created_at,
            actions=self.way(),
            crumbs=[Link(label=_("Rules"), url=reverse("regulator_rules"))],
        )
        return super().get_context_data(
            head=head, row=row, moments=moments_for(self.actor, "pack", row.reference), **kwargs
        )


urlpatterns = [
    path("regulator/rules/", RulesDesk.as_view(), name="regulator_rules"),
    path(
        "regulator/rules/versions/<str:reference>/",
        PackDesk.as_view(),
        name="regulator_rules_version",
    ),
    *rule_drafts.urlpatterns,
]
