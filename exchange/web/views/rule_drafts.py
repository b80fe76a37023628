"""One draft of the rules: what is wrong, what it changes and touches, its forms, its approval."""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from audit.log.errors import NotFound
from audit.rulebook import queries, rules, services
from audit.rulebook.diffs import EntryChange, compare
from audit.rulebook.models import RuleDraft
from audit.rulebook.queries import Pack, find_pack, seal_of
from audit.rulebook.schemas import Fault, faults_of
from audit.rulebook.states import OPEN, RULE_DRAFT, DraftState
from audit.rulebook.toml import find_table, set_value
from exchange.compliance.packs import LOCKED
from exchange.compliance.trials import try_rules
from exchange.parties.queries import people_names
from exchange.web.components import Action, Column, Head, Link
from exchange.web.forms.reasons import ReasonForm
from exchange.web.forms.rulebook import (
    DayForm,
    NothingForm,
    SealForm,
    TextForm,
    rule_form,
    rule_initial,
    rule_values,
    section_form,
)
from exchange.web.rulebook_words import told
from exchange.web.timelines import moments_for

from .desk import Decision, Desk
from .registers import KINDS, tongue

REGULATOR = ("REGULATOR",)
ROAD = ("EDITING", "PROPOSED", "APPROVED", "PUBLISHED")
CHANGE_COLUMNS = (
    Column(label=gettext_lazy("Entry")),
    Column(label=pgettext_lazy("rules", "Key")),
    Column(label=gettext_lazy("In force")),
    Column(label=gettext_lazy("Draft")),
)
FAULT_COLUMNS = (
    Column(label=gettext_lazy("Place")),
    Column(label=gettext_lazy("What is wrong")),
    Column(label=gettext_lazy("What to do")),
)


class OfDraft(Desk):
    """A page about one draft."""

    roles = REGULATOR
    draft: RuleDraft

    def load(self, **kwargs: Any) -> None:
        self.draft = queries.get_draft_for(self.actor, kwargs["reference"])

    @property
    def here(self) -> str:
        """The draft's own page."""
        return reverse("regulator_rules_draft", args=[self.draft.reference])

    @property
    def base(self) -> Pack | None:
        """The version that the draft was begun from."""
        return find_pack(self.draft.base)

    @property
    def data(self) -> dict[str, Any] | None:
        """What the draft says, or None while it is not TOML."""
        try:
            return tomllib.loads(self.draft.text)
        except tomllib.TOMLDecodeError:
            return None

    def crumbs(self) -> list[Link]:
        """Return the way back."""
        return [
            Link(label=_("Rules"), url=reverse("regulator_rules")),
            Link(label=self.draft.reference, url=self.here),
        ]

    def edit(self, said: Mapping[str, Any], text: str) -> RuleDraft:
        """Keep another text."""
        return services.edit_draft(
            draft=self.draft,
            text=text,
            expected_version=said["version"],
            by=self.actor,
            at=self.now,
        )


class DraftDesk(OfDraft):
    """One draft: what is wrong, what it changes, what it would touch, and what can be done."""

    template_name = "rulebook/draft.html"

    def decisions(self) -> list[Decision]:
        draft, actor = self.draft, self.actor
        if draft.status not in OPEN:
            return []
        seal = seal_of(draft.kind, draft.effective_on, draft.text)
        found = {
            DraftState.EDITING: [self._day(), self._propose()],
            DraftState.PROPOSED: [self._approve(seal), self._return()],
            DraftState.APPROVED: [self._publish()],
        }[DraftState(draft.status)]
        discard = Decision(
            name="discard",
            title=_("Discard the draft"),
            verb=_("Discard the draft"),
            form_class=ReasonForm,
            call=lambda said: services.discard_draft(
                draft=draft, reason=said["reason"], by=actor, at=self.now
            ),
            done=_("The draft is discarded."),
            onward=self.here,
            reason=rules.why_not_edit(actor, draft),
            danger=True,
            folded=True,
        )
        return [*found, discard]

    def _day(self) -> Decision:
        draft = self.draft
        return Decision(
            name="day",
            title=_("Day"),
            verb=_("Keep the day"),
            form_class=DayForm,
            initial={"version": draft.version, "effective_on": draft.effective_on},
            call=lambda said: services.edit_draft(
                draft=draft,
                effective_on=said["effective_on"],
                expected_version=said["version"],
                by=self.actor,
                at=self.now,
            ),
            done=_("The day is kept."),
            onward=self.here,
            reason=rules.why_not_edit(self.actor, draft),
        )

    def _propose(self) -> Decision:
        draft = self.draft
        return Decision(
            name="propose",
            title=_("Ask a second person"),
            note=_("Who wrote any of it cannot approve it. Any later change voids an approval."),
            verb=_("Propose the draft"),
            form_class=NothingForm,
            call=lambda _said: services.propose_draft(draft=draft, by=self.actor, at=self.now),
            done=_("The draft waits for a second person."),
            onward=self.here,
            reason=rules.why_not_edit(self.actor, draft),
        )

    def _approve(self, seal: str) -> Decision:
        draft = self.draft
        return Decision(
            name="approve",
            title=_("Approve"),
            note=_(
                "You approve exactly what this page shows: text, day and kind, by their digest."
            ),
            verb=_("Approve the draft"),
            form_class=SealForm,
            initial={"seal": seal},
            call=lambda said: services.approve_draft(
                draft=draft, seal=said["seal"], by=self.actor, at=self.now
            ),
            done=_("The draft is approved."),
            onward=self.here,
            reason=rules.why_not_approve(self.actor, draft),
        )

    def _return(self) -> Decision:
        draft = self.draft
        return Decision(
            name="return",
            title=_("Give it back"),
            verb=_("Give the draft back"),
            form_class=ReasonForm,
            call=lambda said: services.return_draft(
                draft=draft, reason=said["reason"], by=self.actor, at=self.now
            ),
            done=_("The draft is given back."),
            onward=self.here,
            reason=rules.why_not_approve(self.actor, draft),
            folded=True,
        )

    def _publish(self) -> Decision:
        draft = self.draft
        return Decision(
            name="publish",
            title=_("Publish"),
            note=_(
                "It becomes a version that never changes. What it touches is read ahead at once."
            ),
            verb=_("Publish the version"),
            form_class=NothingForm,
            call=lambda _said: services.publish_draft(draft=draft, by=self.actor, at=self.now),
            done=_("The version is published."),
            onward=self.here,
            reason=rules.why_not_make_binding(self.actor, draft, self.now),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        draft, base, data = self.draft, self.base, self.data
        faults: list[Fault] = faults_of(draft.kind, draft.text, base) if base else []
        changes: list[EntryChange] = compare(base.data, data) if base and data else []
        trial = None
        if (
            base
            and data
            and not faults
            and draft.kind == "compliance"
            and "trial" in self.request.GET
        ):
            trial = try_rules(data, base)
        editable = draft.status in OPEN and rules.why_not_edit(self.actor, draft) is None
        return super().get_context_data(
            head=self._head(editable=editable),
            draft=draft,
            authors=_named(draft.authors),
            approver=_named([draft.approved_by] if draft.approved_by else []),
            lifecycle=RULE_DRAFT,
            road=ROAD,
            seal=seal_of(draft.kind, draft.effective_on, draft.text),
            faults=faults,
            fault_columns=FAULT_COLUMNS,
            changes=[told(change) for change in changes],
            change_columns=CHANGE_COLUMNS,
            trial=trial,
            may_try=draft.kind == "compliance" and not faults,
            entries=_entries(data, draft.reference) if data and editable else [],
            sections=_sections(data, draft.reference) if data and editable else [],
            moments=moments_for(self.actor, "rule_draft", draft.reference),
            **kwargs,
        )

    def _head(self, *, editable: bool) -> Head:
        draft = self.draft
        text = Action(
            label=_("Edit as text") if editable else _("Text"),
            url=reverse("regulator_rules_text", args=[draft.reference]),
            post=False,
        )
        return Head(
            title=_("Draft: %(rules)s") % {"rules": KINDS.get(draft.kind, draft.kind)},
            kind=_("From %(base)s") % {"base": draft.base},
            reference=draft.reference,
            status=draft.status,
            status_label=draft.get_status_display(),
            since=draft.status_since,
            summary=draft.status_reason or draft.reason,
            actions=[*self.way(), text],
            crumbs=[Link(label=_("Rules"), url=reverse("regulator_rules"))],
        )


def _named(actors: Sequence[str]) -> str:
    """Return who acted by name."""
    names = people_names(actors)
    return _(", ").join(names.get(actor, actor) for actor in actors)


def _entries(data: Mapping[str, Any], reference: str) -> list[Link]:
    rows = data.get("rules", ())
    return [
        Link(
            label=f"{row['id']} {row.get(tongue(), '')}",
            url=reverse("regulator_rules_rule", args=[reference, row["id"]]),
        )
        for row in rows
        if isinstance(row, dict) and "id" in row
    ]


def _sections(data: Mapping[str, Any], reference: str) -> list[Link]:
    return [
        Link(label=name, url=reverse("regulator_rules_section", args=[reference, name]))
        for name, table in data.items()
        if isinstance(table, dict) and section_form(table).base_fields.keys() - {"version"}
    ]


class EditDesk(OfDraft):
    """A page with one form that changes the draft."""

    template_name = "rulebook/edit.html"
    title: str = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=self.title,
            kind=_("Draft"),
            reference=self.draft.reference,
            crumbs=self.crumbs(),
        )
        return super().get_context_data(head=head, draft=self.draft, **kwargs)

    def decision(self, form_class: Any, initial: Mapping[str, Any], call: Any) -> Decision:
        """Return the one decision of the page."""
        return Decision(
            name="edit",
            title=self.title,
            verb=_("Keep it in the draft"),
            form_class=form_class,
            initial={"version": self.draft.version, **initial},
            call=call,
            done=_("Kept in the draft."),
            onward=self.here,
            reason=rules.why_not_edit(self.actor, self.draft),
        )


class RuleDesk(EditDesk):
    """One rule of a draft as a form."""

    rule: Mapping[str, Any]

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        try:
            self.rule = find_table(self.data or {}, ("rules", kwargs["name"]))
        except LookupError as error:
            raise NotFound from error
        self.title = f"{self.rule['id']} {self.rule.get(tongue(), '')}"

    def decisions(self) -> list[Decision]:
        locked = self.draft.kind == "compliance" and self.rule["id"] in LOCKED
        form = rule_form(self.rule, locked=locked)
        return [self.decision(form, rule_initial(self.rule), self._keep)]

    def _keep(self, said: Mapping[str, Any]) -> RuleDraft:
        text = self.draft.text
        for key, value in rule_values(self.rule, said).items():
            text = set_value(text, ("rules", str(self.rule["id"])), key, value)
        return self.edit(said, text)


class SectionDesk(EditDesk):
    """The figures of one section of a draft."""

    table: Mapping[str, Any]

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        self.title = kwargs["name"]
        try:
            self.table = find_table(self.data or {}, (self.title,))
        except LookupError as error:
            raise NotFound from error

    def decisions(self) -> list[Decision]:
        return [self.decision(section_form(self.table), dict(self.table), self._keep)]

    def _keep(self, said: Mapping[str, Any]) -> RuleDraft:
        text = self.draft.text
        for key, value in said.items():
            if key != "version" and value != self.table.get(key):
                text = set_value(text, (self.title,), key, value)
        return self.edit(said, text)


class TextDesk(EditDesk):
    """The whole text of a draft."""

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        self.title = _("Text")

    def decisions(self) -> list[Decision]:
        call = lambda said: self.edit(said, said["text"])  # noqa: E731  as short as it is
        return [self.decision(TextForm, {"text": self.draft.text}, call)]


PLACE = "regulator/rules/drafts/<str:reference>"
urlpatterns = [
    path(f"{PLACE}/", DraftDesk.as_view(), name="regulator_rules_draft"),
    path(f"{PLACE}/text/", TextDesk.as_view(), name="regulator_rules_text"),
    path(f"{PLACE}/rules/<str:name>/", RuleDesk.as_view(), name="regulator_rules_rule"),
    path(f"{PLACE}/sections/<str:name>/", SectionDesk.as_view(), name="regulator_rules_section"),
]
