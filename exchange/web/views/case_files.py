"""The provider's side of a case: what is asked, what is missing, the file head by head."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import NotAllowed, NotFound
from audit.rulebook.queries import day_of
from audit.rulebook.workdays import workdays_until
from exchange.catalog.vocabulary import DeliveryMode
from exchange.compliance import appealing, dossiers, queries, rules, services
from exchange.compliance.conditions import NAMES
from exchange.compliance.heads import Head as FileHead
from exchange.compliance.heads import case_pack, heads_of, shortcomings
from exchange.compliance.models import Case
from exchange.compliance.states import UNDECIDED, CaseState
from exchange.vault.models import StoredObject
from exchange.vault.services import ObjectReader, store_object
from exchange.vault.states import Purpose
from exchange.web.components import Action, Column, Head, Link
from exchange.web.forms.case_files import brought, head_form
from exchange.web.forms.fields import sent
from exchange.web.forms.manual import DOCUMENT_MOST
from exchange.web.pages import ActPage, FormPage, Page
from exchange.web.paging import paginate
from exchange.web.reasons import reason_of
from exchange.web.timelines import moments_for

from .owned import PROVIDER

LIST_COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Case")),
    Column(label=gettext_lazy("About")),
    Column(label=gettext_lazy("State")),
    Column(label=gettext_lazy("Due")),
)


def file_of(case: Case, at: Any) -> list[dict[str, Any]]:
    """Return the heads of a case's file with what was said and what is missing."""
    on = day_of(at)
    pack = case_pack(on)
    parts = dossiers.parts_of(case)
    missing = shortcomings(case, dossiers.said_in(case), pack, on=on)
    return [
        {
            "head": head,
            "part": parts.get(head.id),
            "missing": missing.get(head.id, []),
            "said": _said(head, parts[head.id].values) if head.id in parts else [],
        }
        for head in heads_of(case, pack)
    ]


def _said(head: FileHead, values: Any) -> list[tuple[str, Any]]:
    found = []
    for field in head.fields:
        value = values.get(field.name)
        if value in (None, "", []):
            continue
        if field.choices:
            value = dict(field.choices.choices).get(value, value)
        found.append((str(field.label), ", ".join(value) if isinstance(value, list) else value))
    return found


def limit_of(case: Case, at: Any) -> dict[str, Any] | None:
    """Return the time limit that runs: its day, the working days left, and whether it is over."""
    if case.due_on is None or not case.is_undecided:
        return None
    left = workdays_until(day_of(at), case.due_on)
    return {"due": case.due_on, "left": left, "late": left < 0, "over": -left}


class Cases(Page):
    """The cases of one's own organization, the most urgent first."""

    roles = PROVIDER
    template_name = "cases/own.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = queries.cases_visible_to(self.actor).filter(
            screening__release__product__provider__reference=self.actor.organization
        )
        waiting = own.filter(status__in=UNDECIDED).order_by("due_on", "pk")[:200]
        head = Head(
            title=_("Compliance cases"),
            summary=_(
                "What the filter left to persons. Fill in the file in time; two persons decide."
            ),
        )
        return super().get_context_data(
            head=head,
            waiting=[(case, limit_of(case, self.now)) for case in waiting],
            page=paginate(
                own.exclude(status__in=UNDECIDED), self.request.GET, order=("-decided_at", "-pk")
            ),
            appeals=list(appealing.appeals_visible_to(self.actor)[:50]),
            columns=LIST_COLUMNS,
            **kwargs,
        )


class OfCase(Page):
    """A page about one case of one's own."""

    roles = PROVIDER
    case: Case

    def load(self, **kwargs: Any) -> None:
        self.case = queries.get_case_for(self.actor, kwargs["reference"])
        if self.case.screening.release.product.provider.reference != self.actor.organization:
            raise NotFound(_("There is no case %(reference)s.") % kwargs)

    @property
    def back(self) -> str:
        """The case's page."""
        return reverse("provider_case", args=[self.case.reference])


class CasePage(OfCase):
    """One case: what is asked, what is missing, how long there is."""

    template_name = "cases/own_case.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case = self.case
        release = case.screening.release
        entries = file_of(case, self.now)
        return super().get_context_data(
            case=case,
            release=release,
            product=release.product,
            head=self._head(entries),
            entries=entries,
            writes=rules.why_not_write(self.actor, case, "") is None,
            done=sum(not entry["missing"] for entry in entries),
            limit=limit_of(case, self.now),
            reason=reason_of(case),
            decided=dossiers.proposals_visible_to(self.actor, case).first(),
            conditions=conditions_in_words(case.conditions),
            document_route="provider_case_document",
            moments=moments_for(self.actor, "case", case.reference),
            **kwargs,
        )

    def _head(self, entries: list[dict[str, Any]]) -> Head:
        case = self.case
        actions = []
        if case.status == CaseState.OPEN:
            lacking = sum(bool(entry["missing"]) for entry in entries)
            words = _("%(count)d heads are not complete yet.") % {"count": lacking}
            actions.append(
                Action(
                    label=_("Hand the file in"),
                    url=reverse("provider_case_submit", args=[case.reference]),
                    main=True,
                    reason=rules.why_not_submit(self.actor, case) or (words if lacking else None),
                )
            )
        return Head(
            title=case.screening.release.product.name,
            kind=case.get_kind_display(),
            reference=case.reference,
            status=case.status,
            status_label=case.get_status_display(),
            since=case.decided_at or case.opened_at,
            actions=actions,
            crumbs=[Link(label=_("Compliance cases"), url=reverse("provider_cases"))],
        )


class HeadPage(OfCase, FormPage):
    """Write one head of the file."""

    template_name = "cases/head.html"
    done = gettext_lazy("This head of the file is saved.")
    head: FileHead

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        heads = {head.id: head for head in heads_of(self.case, case_pack(day_of(self.now)))}
        if kwargs["head"] not in heads:
            raise NotFound
        self.head = heads[kwargs["head"]]
        self.part = dossiers.parts_of(self.case).get(self.head.id)
        if refusal := rules.why_not_write(self.actor, self.case, self.head.id):
            raise NotAllowed(refusal)

    def get_form(self) -> forms.Form:
        form = head_form(self.head, self.part.documents if self.part else [])
        if self.request.method == "POST":
            return form(self.request.POST, self.request.FILES)
        values = dict(self.part.values) if self.part else {}
        documents = self.part.documents if self.part else []
        return form(initial=values | {"kept": [each["object"] for each in documents]})

    def act(self, form: forms.Form) -> str:
        kept = list(form.cleaned_data.get("kept") or [])
        services.write_part(
            case=self.case,
            head=self.head.id,
            values=sent(form, self.head.fields),
            documents=[*kept, *keep_documents(self, form)],
            by=self.actor,
            at=self.now,
        )
        return self.back

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=self.head.title,
            lead=self.head.asks,
            article=self.head.basis,
            least=self.head.documents,
            verb=_("Save"),
            back=self.back,
            crumbs=[
                Link(label=_("Compliance cases"), url=reverse("provider_cases")),
                Link(label=self.case.reference, url=self.back),
            ],
            **kwargs,
        )


def keep_documents(page: Page, form: forms.Form) -> list[str]:
    """Keep the files brought along in the vault; return their references."""
    return [
        store_object(
            source=file,
            filename=file.name,
            purpose=Purpose.EVIDENCE,
            owner=page.actor.organization,
            max_bytes=DOCUMENT_MOST,
            by=page.actor,
            at=page.now,
        ).reference
        for file in brought(form)
    ]


class SubmitCase(OfCase, ActPage):
    """Hand the file in."""

    done = gettext_lazy("The file is handed in.")

    def act(self) -> str:
        services.submit_case(case=self.case, by=self.actor, at=self.now)
        return self.back


def send_document(page: Page, case: Case, reference: str) -> HttpResponse:
    """Return a document of a case as a download, on record."""
    purpose = page.visit.purpose if page.visit else ""
    opened = services.read_document(
        case=case, reference=reference, purpose=purpose, by=page.actor, at=page.now
    )
    return as_download(*opened)


def as_download(stored: StoredObject, reader: ObjectReader) -> HttpResponse:
    """Return a document that was opened as a file to keep, never to be shown by the browser."""
    with reader:
        content = b"".join(reader.chunks())  # a document, 20 MB at most
    response = HttpResponse(content, content_type="application/octet-stream")
    disposition = content_disposition_header(as_attachment=True, filename=stored.filename)
    response["Content-Disposition"] = disposition or "attachment"
    return response


class Document(OfCase):
    """A document of one's own case."""

    def get(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # noqa: ARG002  a file, not a page
        """Send it, never to be opened by the browser itself."""
        return send_document(self, self.case, kwargs["document"])


def conditions_in_words(conditions: Any) -> list[tuple[str, str]]:
    """Return conditions as label and words."""
    found = []
    for name, said in conditions.items():
        value = [str(DeliveryMode(code).label) for code in said] if name == "channels" else said
        words = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
        found.append((str(NAMES[name]), words))
    return found


urlpatterns = [
    path("provider/cases/", Cases.as_view(), name="provider_cases"),
    path("provider/cases/<str:reference>/", CasePage.as_view(), name="provider_case"),
    path(
        "provider/cases/<str:reference>/submit/", SubmitCase.as_view(), name="provider_case_submit"
    ),
    path(
        "provider/cases/<str:reference>/file/<str:head>/",
        HeadPage.as_view(),
        name="provider_case_head",
    ),
    path(
        "provider/cases/<str:reference>/documents/<str:document>",
        Document.as_view(),
        name="provider_case_document",
    ),
]
