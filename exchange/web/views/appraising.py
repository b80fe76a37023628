"""The form of an appraisal, whoever signs it: filled in, previewed, signed."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from audit.log.errors import Invalid
from exchange.catalog.models import Product
from exchange.web.appraisal_preview import AppraisalPreview, preview_appraisal
from exchange.web.forms.appraisal_fields import at_fields
from exchange.web.forms.appraisals import AppraisalForm
from exchange.web.pages import FormPage
from pricing.facts import Circulation
from pricing.models import Appraisal

PREVIEW = "preview"


class Appraising(FormPage):
    """What an appraisal needs is asked; the band that would follow is shown before it is signed."""

    form_class = AppraisalForm
    template_name = "provider/appraise.html"
    fragment = "provider/appraisal_preview.html"
    product: Product

    def sign(self, form: AppraisalForm, **stated: Any) -> Appraisal:
        """Have what was stated signed: income, weights, buyers, circulation, actor and instant."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Have it signed; the button of the preview only shows the band that would follow."""
        if PREVIEW in request.POST:
            form = self.get_form()
            context = self.get_context_data(form=form, preview=self.preview(form))
            return self.render_to_response(context)
        return super().post(request, *args, **kwargs)

    def preview(self, form: forms.Form) -> AppraisalPreview:
        """Work the form out as the appraisal would be, without signing."""
        if not isinstance(form, AppraisalForm) or not form.is_valid():
            faults = [str(text) for texts in form.errors.values() for text in texts]
            return AppraisalPreview(faults=faults)
        return preview_appraisal(self.product, form.given, at=self.now)

    def act(self, form: forms.Form) -> str:
        """Have it signed; refusals appear at the fields."""
        if not isinstance(form, AppraisalForm):
            raise TypeError
        given = form.given
        try:
            made = self.sign(
                form,
                income=given.income,
                weighing=given.weighing,
                expected_buyers=given.expected_buyers,
                circulation=Circulation(given.circulation),
                by=self.actor,
                at=self.now,
            )
        except Invalid as error:
            raise at_fields(error) from None
        return reverse("appraisal", args=[made.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Begin without a preview."""
        kwargs.setdefault("preview", None)
        return super().get_context_data(**kwargs)
