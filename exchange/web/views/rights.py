"""Rights statements: state, prove, answer for, withdraw."""

from typing import Any

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import NotAllowed, NotFound
from audit.rulebook.queries import day_of
from exchange.parties.queries import get_organization
from exchange.registry import rules, services
from exchange.registry.fields import Field, Kind
from exchange.registry.models import RightsStatement
from exchange.registry.queries import RIGHT_NAMES, get_rights_for, rights_visible_to
from exchange.registry.states import RIGHTS, ProofKind, RightsState
from exchange.registry.terms import RIGHTS_FIELDS, Proof, read_terms
from exchange.vault.queries import get_object_for
from exchange.vault.services import store_object
from exchange.vault.states import Purpose
from exchange.web.components import Action, Column, Head, Link
from exchange.web.forms.fields import form_fields_of, sent
from exchange.web.forms.manual import DOCUMENT_MOST, check_size
from exchange.web.forms.reasons import ReasonForm
from exchange.web.pages import ActPage, FormPage, Page
from exchange.web.paging import paginate
from exchange.web.timelines import moments_for

from .owned import PROVIDER

PROOFS_AT_ONCE = 3
LIST_COLUMNS = (
    Column(label=gettext_lazy("Statement")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Rights")),
    Column(label=gettext_lazy("Source")),
    Column(label=gettext_lazy("Valid")),
    Column(label=gettext_lazy("Products"), number=True),
)


class StatementForm(forms.Form):
    """A rights statement with up to three proofs at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= form_fields_of(RIGHTS_FIELDS)
        for number in range(1, PROOFS_AT_ONCE + 1):
            self.fields[f"proof_kind_{number}"] = forms.ChoiceField(
                label=_("Proof %(number)d: what it proves") % {"number": number},
                choices=[("", "–"), *ProofKind.choices],
                required=False,
            )
            self.fields[f"proof_file_{number}"] = forms.FileField(
                label=_("Proof %(number)d: file") % {"number": number},
                help_text=_("At most 20 MB. It is kept encrypted."),
                required=False,
                validators=[check_size],
            )

    def clean(self) -> dict[str, Any]:
        """Let kind and file come together."""
        said = super().clean() or {}
        for number in range(1, PROOFS_AT_ONCE + 1):
            kind, file = said.get(f"proof_kind_{number}"), said.get(f"proof_file_{number}")
            if file and not kind:
                self.add_error(f"proof_kind_{number}", _("Say what the file proves."))
            if kind and not file and f"proof_file_{number}" not in self.errors:
                self.add_error(f"proof_file_{number}", _("Choose the file."))
        return said

    @property
    def brought(self) -> list[tuple[str, Any]]:
        """Kinds and files of the proofs brought along."""
        said = self.cleaned_data
        return [
            (said[f"proof_kind_{n}"], said[f"proof_file_{n}"])
            for n in range(1, PROOFS_AT_ONCE + 1)
            if said.get(f"proof_file_{n}")
        ]


class Statements(Page):
    """The organization's rights statements."""

    roles = PROVIDER
    template_name = "provider/rights.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = rights_visible_to(self.actor).filter(organization__reference=self.actor.organization)
        page = paginate(own, self.request.GET, order=("-drafted_at", "-pk"))
        new = Action(
            label=_("State rights"),
            url=reverse("provider_rights_new"),
            post=False,
            main=True,
            reason=rules.why_not_draft(self.actor, self.actor.organization),
        )
        return super().get_context_data(
            head=Head(
                title=_("Rights statements"),
                summary=_(
                    "Who offers data says where it comes from and which rights it holds "
                    "(《数据安全法》第三十三条)."
                ),
                actions=[new],
            ),
            page=page,
            rows=[{"row": row, "rights": [RIGHT_NAMES[r] for r in row.held]} for row in page],
            columns=LIST_COLUMNS,
            new=new,
            **kwargs,
        )


class StateRights(FormPage):
    """Draft a statement, or revise a draft."""

    roles = PROVIDER
    form_class = StatementForm
    template_name = "provider/form.html"
    statement: RightsStatement | None = None

    def load(self, **kwargs: Any) -> None:
        if "reference" not in kwargs:
            refusal = rules.why_not_draft(self.actor, self.actor.organization)
        else:
            self.statement = own_statement(self, kwargs["reference"])
            refusal = rules.why_not_revise(self.actor, self.statement)
        if refusal:
            raise NotAllowed(refusal)

    def initial(self) -> dict[str, Any]:
        if self.statement is None:
            return {"valid_from": day_of(self.now), "personal_basis": "NONE"}
        return {field.name: getattr(self.statement, field.name) for field in RIGHTS_FIELDS}

    def act(self, form: forms.Form) -> str:
        if not isinstance(form, StatementForm):
            raise TypeError
        said = sent(form, RIGHTS_FIELDS)
        read_terms(said)  # before files are kept for a statement that cannot be
        proofs = [self._keep(kind, file) for kind, file in form.brought]
        if self.statement is None:
            made = services.draft_rights(
                organization=get_organization(self.actor.organization),
                terms=said,
                proofs=proofs,
                by=self.actor,
                at=self.now,
            )
        else:
            made = services.revise_rights(
                statement=self.statement,
                changes=said,
                proofs=[*_proofs_of(self, self.statement), *proofs] if proofs else None,
                by=self.actor,
                at=self.now,
            )
        return reverse("provider_right", args=[made.reference])

    def _keep(self, kind: str, file: Any) -> Proof:
        stored = store_object(
            source=file,
            filename=file.name,
            purpose=Purpose.PROOF,
            owner=self.actor.organization,
            max_bytes=DOCUMENT_MOST,
            by=self.actor,
            at=self.now,
        )
        return Proof(kind=ProofKind(kind), file=stored)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [Link(label=_("Rights statements"), url=reverse("provider_rights"))]
        back = reverse("provider_rights")
        if self.statement:
            back = reverse("provider_right", args=[self.statement.reference])
            crumbs.append(Link(label=self.statement.reference, url=back))
        return super().get_context_data(
            title=_("Revise the statement") if self.statement else _("State rights"),
            lead=_(
                "It is kept as a draft first. Then you see what is still missing, and answer for "
                "it. Proofs are read by the operator and the regulator only."
            ),
            verb=_("Save the draft"),
            crumbs=crumbs,
            back=back,
            **kwargs,
        )


def _proofs_of(page: Page, statement: RightsStatement) -> list[Proof]:
    return [
        Proof(kind=ProofKind(proof["kind"]), file=get_object_for(page.actor, proof["object"]))
        for proof in statement.proofs
    ]


def own_statement(page: Page, reference: str) -> RightsStatement:
    """Return a statement of the actor's own organization; NotFound for all others."""
    found = get_rights_for(page.actor, reference)
    if found.organization.reference != page.actor.organization:
        raise NotFound
    return found


class OfStatement(Page):
    """A page about one own statement."""

    roles = PROVIDER
    statement: RightsStatement

    def load(self, **kwargs: Any) -> None:
        self.statement = own_statement(self, kwargs["reference"])

    @property
    def back(self) -> str:
        """The statement's page."""
        return reverse("provider_right", args=[self.statement.reference])


class StatementPage(OfStatement):
    """One statement: what it says, what it lacks, what rests on it."""

    template_name = "provider/right.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        statement = self.statement
        draft = statement.status == RightsState.DRAFT
        lacking = rules.shortcomings(statement) if draft else {}
        labels = {field.name: field.label for field in RIGHTS_FIELDS} | {"proofs": _("proofs")}
        return super().get_context_data(
            head=self._head(lacking),
            statement=statement,
            lifecycle=RIGHTS,
            lacking=[(labels.get(name, name), texts) for name, texts in lacking.items()],
            rights=[RIGHT_NAMES[right] for right in statement.held],
            rows=[
                (field, value)
                for field in RIGHTS_FIELDS
                if field.name not in ("rights", "title")
                and (value := _worded(field, getattr(statement, field.name)))
            ],
            proofs=[
                {**proof, "label": ProofKind(proof["kind"]).label} for proof in statement.proofs
            ],
            products=list(statement.products.order_by("-edited_at")[:50]),
            moments=moments_for(self.actor, "rights", statement.reference),
            **kwargs,
        )

    def _head(self, lacking: dict[str, list[str]]) -> Head:
        statement = self.statement
        since = statement.withdrawn_at or statement.stated_at or statement.drafted_at
        place = [statement.reference]
        actions = []
        if statement.status == RightsState.DRAFT:
            missing = _("Something is still missing; see below.") if lacking else None
            may = rules.why_not_draft(self.actor, self.actor.organization)
            actions = [
                Action(
                    label=_("Answer for the statement"),
                    url=reverse("provider_right_state", args=place),
                    main=True,
                    ask=_(
                        "Your organization answers under the law for what it says. It cannot be "
                        "changed afterwards, only withdrawn."
                    ),
                    reason=may or missing,
                ),
                Action(
                    label=_("Revise"),
                    url=reverse("provider_right_revise", args=place),
                    post=False,
                    reason=rules.why_not_revise(self.actor, statement),
                ),
            ]
        if statement.status != RightsState.WITHDRAWN:
            actions.append(
                Action(
                    label=_("Withdraw"),
                    url=reverse("provider_right_withdraw", args=place),
                    post=False,
                    danger=True,
                    reason=rules.why_not_withdraw(self.actor, statement),
                )
            )
        return Head(
            title=statement.title or statement.reference,
            kind=_("Rights statement"),
            reference=statement.reference,
            status=statement.status,
            status_label=statement.get_status_display(),
            since=since,
            summary=statement.withdrawal_reason,
            actions=actions,
            crumbs=[Link(label=_("Rights statements"), url=reverse("provider_rights"))],
        )


def _worded(field: Field, value: object) -> object:
    if field.kind == Kind.YES_NO:
        return _("yes") if value else _("no")
    if field.choices and value:
        return field.choices(str(value)).label
    return value


class AnswerFor(ActPage, OfStatement):
    """Answer for a statement."""

    done = gettext_lazy("The statement stands.")

    def act(self) -> str:
        services.state_rights(statement=self.statement, by=self.actor, at=self.now)
        return self.back


class Withdraw(OfStatement, FormPage):
    """Take a statement back."""

    form_class = ReasonForm
    template_name = "provider/form.html"
    done = gettext_lazy("The statement is withdrawn.")

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        if refusal := rules.why_not_withdraw(self.actor, self.statement):
            raise NotAllowed(refusal)

    def act(self, form: forms.Form) -> str:
        services.withdraw_rights(
            statement=self.statement,
            reason=form.cleaned_data["reason"],
            by=self.actor,
            at=self.now,
        )
        return self.back

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("Withdraw the statement"),
            lead=_("Listings that rest on it are suspended at once."),
            verb=_("Withdraw"),
            danger=True,
            back=self.back,
            crumbs=[
                Link(label=_("Rights statements"), url=reverse("provider_rights")),
                Link(label=self.statement.reference, url=self.back),
            ],
            **kwargs,
        )


PLACE = "provider/rights/<str:reference>"
urlpatterns = [
    path("provider/rights/", Statements.as_view(), name="provider_rights"),
    path("provider/rights/new/", StateRights.as_view(), name="provider_rights_new"),
    path(f"{PLACE}/", StatementPage.as_view(), name="provider_right"),
    path(f"{PLACE}/revise/", StateRights.as_view(), name="provider_right_revise"),
    path(f"{PLACE}/state/", AnswerFor.as_view(), name="provider_right_state"),
    path(f"{PLACE}/withdraw/", Withdraw.as_view(), name="provider_right_withdraw"),
]
