"""May it go there? What an export would need, asked before anybody orders; nothing is kept."""

from typing import Any

from django import forms
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from audit.log.errors import DomainError, NotAllowed
from exchange.catalog.queries import get_product_for
from exchange.compliance import export_queries as queries
from exchange.compliance.export import OUTSIDE, Place
from exchange.compliance.export_words import describe
from exchange.compliance.filing_rules import why_not_file
from exchange.parties.queries import get_organization
from exchange.web.components import Head, Link
from exchange.web.forms.filings import WeighForm
from exchange.web.pages import Page, put_errors

from .filings import own_products
from .owned import PROVIDER


class Weigh(Page):
    """A question that lives in its address, and the answer below it."""

    roles = PROVIDER
    template_name = "exports/weigh.html"

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        if refusal := why_not_file(self.actor):
            raise NotAllowed(refusal)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        products = own_products(self)
        asked = self.request.GET if "recipient" in self.request.GET else None
        form = WeighForm(asked, products=products, initial=self.request.GET.dict())
        head = Head(
            title=_("May it go there?"),
            kind=_("Exports of data"),
            summary=_(
                "What an order would need to leave the mainland, on what is on file now. Nothing "
                "is counted or kept."
            ),
            crumbs=[Link(label=_("Exports of data"), url=reverse("provider_exports"))],
        )
        weighed = self._weighed(form) if asked is not None and form.is_valid() else None
        return super().get_context_data(
            head=head,
            form=form,
            weighed=weighed,
            file_query=_file_query(form.cleaned_data) if weighed else "",
            **kwargs,
        )

    def _weighed(self, form: forms.Form) -> dict[str, Any] | None:
        said = form.cleaned_data
        try:
            weighed = queries.weigh_for(
                self.actor,
                product=get_product_for(self.actor, said["product"]),
                recipient=get_organization(said["recipient"].strip()),
                seat=Place(said["recipient_place"]),
                access=frozenset(map(Place, said["access_places"])),
                use=said["use"].strip(),
                at=self.now,
            )
        except DomainError as error:
            put_errors(form, error)
            return None
        return describe(weighed, whole=True)


def _file_query(said: dict[str, Any]) -> str:
    """Return what the form of evidence begins with: what was asked about."""
    outside = {Place(said["recipient_place"]), *map(Place, said["access_places"])} & OUTSIDE
    pairs = [("product", said["product"]), ("recipient", said["recipient"])]
    pairs += [("use", said["use"])] if said["use"] else []
    return urlencode([*pairs, *(("place", str(place)) for place in sorted(outside))])


urlpatterns = [path("provider/exports/weigh/", Weigh.as_view(), name="provider_weigh")]
