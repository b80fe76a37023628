"""The appraisal beside the price (评估): ordered, reported, printed, and what changed."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from audit.log.errors import NotAllowed, NotFound
from audit.rulebook.queries import day_of, get_pack
from exchange.catalog import rules, services
from exchange.catalog.models import Product
from exchange.web.charts import Leg, Swing
from exchange.web.components import Action, Column, Head, Link
from exchange.web.forms.appraisals import AppraisalForm
from exchange.web.pages import Page
from exchange.web.pdf import render_pdf, why_no_pdf
from exchange.web.timelines import moments_for
from pricing.changes import changes_between
from pricing.models import Appraisal
from pricing.queries import appraisal_before, booked_costs, current_plan, get_appraisal_for
from pricing.report import Report, report_of
from pricing.rules import Deviation, judge_plan
from pricing.verification import content_of, faults_of_appraisal
from pricing.wording import FACTORS

from .appraising import Appraising
from .owned import ProductForm, stand_in, stand_with_the_watch


class OrderAppraisal(Appraising, ProductForm):
    """Order the platform's appraisal of the current release."""

    title = gettext_lazy("Order the appraisal")
    lead = gettext_lazy(
        "Rows, completeness, age and grade are taken from the cleared release. Your costs stay "
        "between you, the appraiser and the supervisors; buyers see the band only."
    )
    verb = gettext_lazy("Work out the band and sign it")
    done = gettext_lazy("The appraisal is signed.")

    def get_form(self) -> forms.Form:
        sent = self.request.POST if self.request.method == "POST" else None
        booked = booked_costs(self.product.reference, on=day_of(self.now))
        return AppraisalForm(sent, initial=self.initial(), booked=booked)

    def why_not(self) -> str | None:
        return rules.why_not_order_appraisal(self.actor, self.product) or rules.why_not_cleared(
            self.product.current
        )

    def sign(self, form: AppraisalForm, **stated: Any) -> Appraisal:
        costs = form.given.costs if form.booked is None else None
        return services.appraise_product(product=self.product, costs=costs, **stated)


class OfAppraisal(Page):
    """A page of one appraisal, for its provider, its appraiser and the supervisors."""

    member = True
    look = "appraisal"
    appraisal: Appraisal

    def load(self, **kwargs: Any) -> None:
        if not self.actor.organization:
            raise NotAllowed(_("You do not act for an organization yet."))
        self.appraisal = get_appraisal_for(self.actor, kwargs["reference"])
        if self.appraisal.owner == self.actor.organization:
            stand_in(self.request, "provider_products")
        else:
            stand_with_the_watch(self.request, self.actor)

    @property
    def product_url(self) -> str:
        """The product's page, in the reader's console."""
        own = self.appraisal.owner == self.actor.organization
        return reverse("provider_product" if own else "product", args=[self.appraisal.asset])

    @property
    def product_name(self) -> str:
        """The product's name, or its reference where nothing has that name any more."""
        product = Product.objects.filter(reference=self.appraisal.asset).first()
        return product.name if product else self.appraisal.asset

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            appraisal=self.appraisal,
            product_url=self.product_url,
            product_name=self.product_name,
            **kwargs,
        )

    def told(self) -> dict[str, Any]:
        """Return what page and PDF both say."""
        appraisal = self.appraisal
        report = report_of(appraisal, content_of(appraisal))
        return {
            "report": report,
            "faults": faults_of_appraisal(appraisal),
            "deviation": self._deviation(),
            "methods": [(method, _legs(method)) for method in report.methods],
            "swings": _swings(report),
            "coefficient_heads": COEFFICIENT_HEADS,
            "comparable_heads": COMPARABLE_HEADS,
            "tornado_heads": TORNADO_HEADS,
            "factor_names": tuple(FACTORS),
        }

    def _deviation(self) -> Deviation | None:
        """Judge the price in force by this band, where both are in one currency."""
        plan = current_plan(self.appraisal.asset)
        if plan is None or plan.currency != self.appraisal.currency:
            return None
        pack = get_pack("pricing", on=day_of(self.now))
        return judge_plan(plan, self.appraisal, pack)


class AppraisalReport(OfAppraisal):
    """The report of one appraisal."""

    template_name = "provider/appraisal.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        appraisal = self.appraisal
        return super().get_context_data(
            **self.told(),
            head=Head(
                title=_("Appraisal report"),
                kind=appraisal.get_purpose_display(),
                reference=appraisal.reference,
                status=appraisal.status,
                status_label=appraisal.get_status_display(),
                since=appraisal.signed_at,
                crumbs=[Link(label=self.product_name, url=self.product_url)],
                actions=self._actions(),
            ),
            here=self.request.build_absolute_uri(),
            moments=moments_for(self.actor, "appraisal", appraisal.reference),
            **kwargs,
        )

    def _actions(self) -> list[Action]:
        reference = self.appraisal.reference
        before = appraisal_before(self.appraisal)
        return [
            Action(
                label=_("Report as PDF"),
                url=reverse("appraisal_pdf", args=[reference]),
                post=False,
                icon="export",
                reason=why_no_pdf(),
            ),
            Action(
                label=_("What changed"),
                url=reverse("appraisal_changes", args=[reference]),
                post=False,
                reason=None if before else _("It is the first appraisal for this purpose."),
            ),
        ]


class AppraisalPdf(OfAppraisal):
    """The report as PDF; where none can be made, what is missing."""

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        if reason := why_no_pdf():
            raise NotFound(reason)

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Return the PDF."""
        here = request.build_absolute_uri(reverse("appraisal", args=[self.appraisal.reference]))
        page = render_to_string(
            "provider/appraisal_print.html",
            {
                **self.told(),
                "appraisal": self.appraisal,
                "product_name": self.product_name,
                "here": here,
                "language": get_language(),
            },
            request=request,
        )
        name = f"{self.appraisal.reference}.pdf"
        return HttpResponse(
            render_pdf(page),
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="{name}"'},
        )


class AppraisalChanges(OfAppraisal):
    """An appraisal beside the one before it."""

    template_name = "provider/appraisal_changes.html"
    before: Appraisal

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        before = appraisal_before(self.appraisal)
        if before is None:
            raise NotFound(_("It is the first appraisal for this purpose."))
        self.before = before

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        before = self.before
        changes = changes_between(before, self.appraisal)
        return super().get_context_data(
            head=Head(
                title=_("What changed between two appraisals"),
                kind=self.appraisal.get_purpose_display(),
                reference=self.appraisal.reference,
                crumbs=[
                    Link(label=self.product_name, url=self.product_url),
                    Link(
                        label=self.appraisal.reference,
                        url=reverse("appraisal", args=[self.appraisal.reference]),
                    ),
                ],
            ),
            both=[before, self.appraisal],
            parts=[
                (_("Result"), changes.result),
                (_("Inputs"), changes.inputs),
                (_("Comparables"), changes.comparables),
                (_("Coefficients"), changes.coefficients),
            ],
            heads=[
                Column(label=_("What")),
                Column(label=before.reference, number=True),
                Column(label=self.appraisal.reference, number=True),
            ],
            **kwargs,
        )


def _legs(method: Any) -> list[Leg]:
    total = Leg(label=pgettext("appraisal", "value"), amount=method.value, total=True)
    return [*(Leg(label=bar.label, amount=bar.effect) for bar in method.bars), total]


def _swings(report: Report) -> list[Swing]:
    return [
        Swing(label=row.label, at_low=row.at_low, at_high=row.at_high) for row in report.tornado
    ]


COEFFICIENT_HEADS = (
    Column(label=gettext_lazy("Coefficient")),
    Column(label=gettext_lazy("Value"), number=True),
    Column(
        label=gettext_lazy("May lie between"),
        meaning=gettext_lazy("The ends within which the true value is taken to lie"),
        number=True,
    ),
    Column(label=gettext_lazy("Permitted"), number=True),
    Column(label=gettext_lazy("Source")),
)
COMPARABLE_HEADS = (
    Column(label=gettext_lazy("Comparable")),
    Column(label=gettext_lazy("Price"), number=True),
    *(
        Column(label=f"X{place}", meaning=meaning, number=True)
        for place, meaning in enumerate(
            (
                gettext_lazy("quality"),
                gettext_lazy("supply and demand"),
                gettext_lazy("date of pricing"),
                gettext_lazy("volume of data"),
                gettext_lazy("other differences"),
            ),
            start=1,
        )
    ),
    Column(label=gettext_lazy("Corrected"), number=True),
    Column(label=gettext_lazy("Weight"), number=True),
)
TORNADO_HEADS = (
    Column(label=gettext_lazy("Input")),
    Column(label=gettext_lazy("Low end"), number=True),
    Column(label=gettext_lazy("High end"), number=True),
    Column(label=gettext_lazy("Value at the low end"), number=True),
    Column(label=gettext_lazy("Value at the high end"), number=True),
    Column(label=gettext_lazy("Swing"), number=True),
)

urlpatterns = [
    path(
        "provider/products/<str:reference>/appraisal/",
        OrderAppraisal.as_view(),
        name="provider_appraise",
    ),
    path("appraisals/<str:reference>/", AppraisalReport.as_view(), name="appraisal"),
    path("appraisals/<str:reference>/report.pdf", AppraisalPdf.as_view(), name="appraisal_pdf"),
    path(
        "appraisals/<str:reference>/changes/",
        AppraisalChanges.as_view(),
        name="appraisal_changes",
    ),
]
