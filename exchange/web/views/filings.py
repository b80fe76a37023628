"""Evidence for exports: filing it, completing it, its document, and the decision on it."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import NotAllowed, NotFound
from audit.rulebook.queries import day_of
from exchange.catalog.models import Product
from exchange.catalog.queries import products_visible_to
from exchange.compliance import export_queries as queries
from exchange.compliance import services
from exchange.compliance.export_fields import fields_of
from exchange.compliance.export_words import tongue
from exchange.compliance.exports import export_rules
from exchange.compliance.filing_rules import allowed_on_filing, why_not_file
from exchange.compliance.models import ExportFiling
from exchange.compliance.states import DeclaredPlace, FilingKind
from exchange.vault.queries import objects_visible_to
from exchange.vault.services import store_object
from exchange.vault.states import ObjectState, Purpose
from exchange.web.components import Head, Link
from exchange.web.forms.filings import DOCUMENT_MOST, CompleteForm, filing_form, filled_in
from exchange.web.forms.manual import UPLOAD
from exchange.web.forms.reasons import ReasonForm
from exchange.web.pages import FormPage, Page
from exchange.web.timelines import moments_for

from .case_files import as_download
from .desk import Decision, Desk
from .owned import PROVIDER

CHOICES_SHOWN = 500
PLACES = dict(DeclaredPlace.choices)
MEANINGS: dict[FilingKind, str | Promise] = {
    FilingKind.SECURITY_ASSESSMENT: gettext_lazy(
        "The result of the authority's assessment; for important data, critical infrastructure, "
        "and many persons. It holds three years."
    ),
    FilingKind.STANDARD_CONTRACT: gettext_lazy(
        "The contract with the recipient; to be filed within ten working days."
    ),
    FilingKind.CERTIFICATION: gettext_lazy("The certificate of a professional body."),
    FilingKind.GBA_CONTRACT: gettext_lazy(
        "Between the nine cities of the Greater Bay Area and Hong Kong, or Macao; nothing goes on "
        "beyond."
    ),
    FilingKind.ZONE_FILING: gettext_lazy(
        "For organizations in a free trade zone with a list in force: which column is which field "
        "of the list."
    ),
    FilingKind.EXEMPTION: gettext_lazy(
        "A ground on which no mechanism is needed, claimed with its proof."
    ),
    FilingKind.IMPACT_ASSESSMENT: gettext_lazy(
        "The personal information impact assessment that goes before every export."
    ),
    FilingKind.SEPARATE_CONSENT: gettext_lazy(
        "That the persons were told about the recipient and consented for this alone."
    ),
}


def own_products(page: Page) -> list[Product]:
    """Return the products of one's own organization, the latest first."""
    own = products_visible_to(page.actor).filter(provider__reference=page.actor.organization)
    return list(own.order_by("-pk")[:CHOICES_SHOWN])


class ChooseKind(Page):
    """What can be filed, each kind with what it is for."""

    roles = PROVIDER
    template_name = "exports/kinds.html"

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        if refusal := why_not_file(self.actor):
            raise NotAllowed(refusal)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.urlencode()
        head = Head(
            title=_("File evidence"),
            kind=_("Exports of data"),
            summary=_("Choose what you have; each kind asks for what the law asks of it."),
            crumbs=_crumbs(),
        )
        kinds = [
            (kind.label, MEANINGS[kind], f"{reverse('provider_filing_file', args=[kind])}?{asked}")
            for kind in FilingKind
        ]
        return super().get_context_data(head=head, kinds=kinds, **kwargs)


class FileEvidence(FormPage):
    """Put one kind of evidence on file; what the address names is filled in already."""

    roles = PROVIDER
    template_name = "provider/form.html"
    done = gettext_lazy("The evidence is on file; it counts once it is verified.")
    kind: FilingKind

    def load(self, **kwargs: Any) -> None:
        if kwargs["kind"] not in FilingKind:
            raise NotFound
        self.kind = FilingKind(kwargs["kind"])
        if refusal := why_not_file(self.actor):
            raise NotAllowed(refusal)

    def get_form(self) -> forms.Form:
        made = filing_form(
            self.kind,
            products=own_products(self),
            documents=list(
                objects_visible_to(self.actor)
                .filter(purpose=Purpose.EVIDENCE, status=ObjectState.STORED)
                .order_by("-pk")[:CHOICES_SHOWN]
            ),
            grounds={
                name: f"{ground.words.title[tongue()]} ({ground.words.basis[tongue()]})"
                for name, ground in export_rules(self.now).grounds.items()
                if ground.claimed
            },
        )
        if self.request.method == "POST":
            return made(self.request.POST, self.request.FILES)
        return made(initial=self.initial())

    def initial(self) -> dict[str, Any]:
        asked = self.request.GET
        named = asked.getlist("product")
        products = [row for row in own_products(self) if row.reference in named]
        releases = [row.current or row.releases.order_by("-number").first() for row in products]
        columns = [name for release in releases if release for name in release.column_names]
        columns = list(dict.fromkeys(columns))
        scenes = [str(text) for row in products for text in row.manual.get("scenarios_allowed", [])]
        return {
            "products": [row.reference for row in products],
            "fields": columns,
            "uses": asked.getlist("use") or scenes,
            "recipients": asked.getlist("recipient"),
            "places": asked.getlist("place"),
            "mapping": [{"column": name, "field": ""} for name in columns],
            "valid_from": day_of(self.now),
        }

    def act(self, form: forms.Form) -> str:
        said = filled_in(form, fields_of(self.kind), self.kind)
        if file := form.cleaned_data.get(f"document{UPLOAD}"):
            said["document"] = store_object(
                source=file,
                filename=file.name,
                purpose=Purpose.EVIDENCE,
                owner=self.actor.organization,
                max_bytes=DOCUMENT_MOST,
                by=self.actor,
                at=self.now,
            ).reference
        made = services.file_evidence(evidence=said, by=self.actor, at=self.now)
        return reverse("provider_filing", args=[made.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("provider_filing_new")
        return super().get_context_data(
            title=_("File evidence: %(kind)s") % {"kind": self.kind.label},
            lead=MEANINGS[self.kind],
            verb=_("Put it on file"),
            back=back,
            crumbs=[*_crumbs(), Link(label=_("File evidence"), url=back)],
            **kwargs,
        )


def _crumbs() -> list[Link]:
    return [Link(label=_("Exports of data"), url=reverse("provider_exports"))]


class FilingPage(Desk):
    """One piece of evidence: its scope, its terms, and what may be done about it."""

    template_name = "exports/filing.html"
    console = "provider"
    look = "filing"
    filing: ExportFiling

    def load(self, **kwargs: Any) -> None:
        self.filing = queries.get_filing_for(self.actor, kwargs["reference"])

    def decisions(self) -> list[Decision]:
        filing, here = self.filing, reverse(f"{self.console}_filing", args=[self.filing.reference])
        allowed = allowed_on_filing(self.actor, filing)
        own = self.console == "provider"
        common: dict[str, Any] = {"filing": filing, "by": self.actor, "at": self.now}
        known = [
            Decision(
                name="complete",
                title=_("Note the filing with the authority"),
                note=_(
                    "Ten working days are given from the day on which the contract took effect."
                ),
                verb=_("Note it"),
                form_class=CompleteForm,
                call=lambda said: services.complete_filing(
                    number=said["number"], filed_on=said["filed_on"], **common
                ),
                done=_("The filing with the authority is noted."),
                onward=here,
                initial={"number": filing.number},
            ),
            Decision(
                name="verify",
                title=_("Verify"),
                note=_("Exports within its scope may rest on it from now on."),
                verb=_("Verify the evidence"),
                form_class=forms.Form,
                call=lambda _said: services.verify_filing(**common),
                done=_("Verified."),
                onward=here,
            ),
            Decision(
                name="reject",
                title=_("Reject"),
                verb=_("Reject the evidence"),
                form_class=ReasonForm,
                call=lambda said: services.reject_filing(reason=said["reason"], **common),
                done=_("Rejected."),
                onward=here,
                danger=True,
                folded=True,
            ),
            Decision(
                name="revoke",
                title=_("Withdraw the evidence") if own else _("Revoke"),
                note=_("The next access under it is refused."),
                verb=_("Withdraw it") if own else _("Revoke the evidence"),
                form_class=ReasonForm,
                call=lambda said: services.revoke_filing(reason=said["reason"], **common),
                done=_("Withdrawn.") if own else _("Revoked."),
                onward=here,
                danger=True,
                folded=True,
            ),
        ]
        return [decision for decision in known if decision.name in allowed]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filing = self.filing
        head = Head(
            title=str(FilingKind(filing.kind).label),
            kind=_("Evidence for exports"),
            reference=filing.reference,
            status=filing.status,
            status_label=filing.get_status_display(),
            lifecycle=filing.lifecycle.kind,
            since=filing.decided_at or filing.filed_at,
            actions=self.way(),
            crumbs=[Link(label=_("Exports of data"), url=reverse(f"{self.console}_exports"))],
        )
        ground = export_rules(self.now).grounds.get(filing.ground)
        return super().get_context_data(
            head=head,
            filing=filing,
            ground=ground.words.title[tongue()] if ground else filing.ground,
            reached=[PLACES.get(place, place) for place in filing.scope["places"]],
            mapped=[(column, field) for column, field in sorted(filing.mapping.items()) if field],
            unmapped=[column for column, field in sorted(filing.mapping.items()) if not field],
            uses=queries.uses_of(filing),
            document_url=reverse(f"{self.console}_filing_document", args=[filing.reference]),
            moments=moments_for(self.actor, "filing", filing.reference),
            **kwargs,
        )


class FilingDocument(Page):
    """The document of one piece of evidence, taken out of the vault on record."""

    look = "filing"
    filing: ExportFiling

    def load(self, **kwargs: Any) -> None:
        self.filing = queries.get_filing_for(self.actor, kwargs["reference"])

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:  # noqa: ARG002  a file, not a page
        """Send it, never to be opened by the browser itself."""
        opened = services.read_filing_document(
            filing=self.filing,
            purpose=self.visit.purpose if self.visit else "",
            by=self.actor,
            at=self.now,
        )
        return as_download(*opened)


CONSOLES = ("provider", "regulator", "operator")
urlpatterns = [
    path("provider/exports/new/", ChooseKind.as_view(), name="provider_filing_new"),
    path("provider/exports/new/<str:kind>/", FileEvidence.as_view(), name="provider_filing_file"),
]
filing_patterns = [
    path(
        f"{console}/exports/<str:reference>/{tail}",
        view.as_view(roles=(console.upper(),), **said),
        name=f"{console}_{name}",
    )
    for console in CONSOLES
    for view, tail, name, said in (
        (FilingPage, "", "filing", {"console": console}),
        (FilingDocument, "document", "filing_document", {}),
    )
]
