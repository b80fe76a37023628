"""Trade certificates: the public check, and the document for its holders."""

import json
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import DomainError, NotFound
from exchange.trading.models import TradeCertificate
from exchange.trading.queries import get_certificate_for
from exchange.trading.states import CertificateState
from exchange.trading.verification import (
    PublicCertificate,
    check_certificate_document,
    look_up_certificate,
)
from exchange.web.components import Head, Link
from exchange.web.pages import FormPage, Page, put_errors
from exchange.web.timelines import moments_for


class CheckForm(forms.Form):
    """A reference, or the text of a certificate that somebody was handed."""

    reference = forms.CharField(
        label=gettext_lazy("Number of the certificate"),
        help_text=gettext_lazy("Such as T-2026-4H8T1CWD."),
        max_length=24,
        required=False,
    )
    document = forms.CharField(
        label=gettext_lazy("Or the document itself"),
        help_text=gettext_lazy("Paste the text you were handed; it has to be the issued one."),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for one of both."""
        said = super().clean() or {}
        if not said.get("reference") and not said.get("document"):
            raise forms.ValidationError(_("Give the number or the document."))
        return said


class Certificates(FormPage):
    """Where anybody checks a certificate."""

    public = True
    form_class = CheckForm
    template_name = "registers/certificates.html"

    def act(self, form: forms.Form) -> str:
        said = form.cleaned_data
        if said["document"]:
            found = check_certificate_document(said["document"])
        else:
            found = look_up_certificate(said["reference"].strip())
        return reverse("certificate", args=[found.reference])

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Go to the certificate, or say that there is none."""
        form = self.get_form()
        if form.is_valid():
            try:
                return HttpResponseRedirect(self.act(form))
            except DomainError as error:
                put_errors(form, error)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=_("Check a trade certificate"),
            kind=_("Public register"),
            summary=_("Anybody may check whether a certificate was issued here and stands."),
        )
        return super().get_context_data(head=head, **kwargs)


class Certificate(Page):
    """One certificate: genuine or not for anybody; parties and price for its holders."""

    public = True
    look = "certificate"
    template_name = "registers/certificate.html"
    found: PublicCertificate
    held: TradeCertificate | None = None

    def load(self, **kwargs: Any) -> None:
        self.found = look_up_certificate(kwargs["reference"])
        try:
            self.held = get_certificate_for(self.actor, kwargs["reference"])
        except NotFound:
            self.held = None

    def shown_to_anybody(self) -> bool:
        return self.held is None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.found
        document = json.loads(self.held.document) if self.held else None
        return super().get_context_data(
            head=Head(
                title=_("Trade certificate"),
                kind=_("Public check"),
                reference=found.reference,
                status="FILED" if found.is_valid else "REVOKED",
                status_label=CertificateState(found.status).label
                if found.is_valid or found.status == CertificateState.REVOKED
                else _("not genuine"),
                since=found.issued_at,
                crumbs=[Link(label=_("Check a trade certificate"), url=reverse("certificates"))],
            ),
            found=found,
            held=self.held,
            document=document,
            times=[
                (label, parse_datetime(document[name]) if document[name] else None)
                for name, label in (
                    ("paid_at", _("Paid into escrow")),
                    ("delivered_at", _("Delivered")),
                    ("accepted_at", _("Accepted")),
                    ("settled_at", _("Settled")),
                )
            ]
            if document
            else [],
            here=self.request.build_absolute_uri(),
            moments=moments_for(self.actor, "certificate", found.reference)
            if self.actor.organization
            else [],
            **kwargs,
        )


urlpatterns = [
    path("certificates/", Certificates.as_view(), name="certificates"),
    path("certificates/<str:reference>/", Certificate.as_view(), name="certificate"),
]
