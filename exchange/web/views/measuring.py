"""Terms of revenue sharing proposed, tasks stated for a value measurement, and how far it is."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import NotAllowed
from exchange.parties.queries import organization_names
from exchange.settlement import rules, services
from exchange.settlement.models import ValueMeasurement
from exchange.settlement.queries import get_measurement_for, measurements_visible_to
from exchange.settlement.services import TaskStated
from exchange.trading.models import Order
from exchange.trading.queries import get_order_for
from exchange.trading.rules import why_not_measure
from exchange.trading.services import measure_contributions_for
from exchange.web.components import Column, Head, Link, Progress
from exchange.web.forms.sharing import ShareForm, TaskForm
from exchange.web.pages import FormPage, Page
from exchange.web.paging import paginate
from exchange.web.trade import links, way

from .owned import ProductForm, stand_in
from .sharing import VALUE_COLUMNS, OfAgreement, job_of, measured_in_words

COLUMNS = (
    Column(label=gettext_lazy("Predicted column")),
    Column(label=gettext_lazy("Reference")),
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Asked")),
)


class Propose(ProductForm):
    """The provider proposes how the proceeds of a product are divided."""

    form_class = ShareForm
    title = gettext_lazy("Propose a division of the proceeds")
    lead = gettext_lazy(
        "What the fee and tax of the exchange leave of the price is divided: first the cuts, then "
        "the sources by weight. It is in force once every party has agreed "
        "(《数据二十条》第十二条)."
    )
    verb = gettext_lazy("Send the proposal to the parties")
    done = gettext_lazy("The terms are proposed; each party answers them.")

    def why_not(self) -> str | None:
        return rules.why_not_propose_share(self.actor, self.product)

    def initial(self) -> dict[str, Any]:
        return {"sources": f"{self.actor.organization} | 1 | "}

    def act(self, form: forms.Form) -> str:
        if not isinstance(form, ShareForm):
            raise TypeError
        named = form.cleaned_data["measurement"].strip()
        measurement = get_measurement_for(self.actor, named) if named else None
        weights = services.measured_weights(measurement) if measurement else None
        share, releases = form.share(weights)
        made = services.propose_share(
            product=self.product,
            share=share,
            releases=releases,
            measurement=measurement,
            by=self.actor,
            at=self.now,
        )
        return reverse("provider_sharing_one", args=[made.reference])


class StateTask(FormPage):
    """A form in which a use of the data is stated."""

    form_class = TaskForm
    template_name = "orders/act.html"
    done = gettext_lazy("The measurement is queued; this page shows how far it is.")

    def stated(self, form: forms.Form) -> TaskStated:
        """Return the task of a valid form."""
        if not isinstance(form, TaskForm):
            raise TypeError
        return TaskStated(
            purpose=form.cleaned_data["purpose"],
            task=form.task(),
            holdout=form.cleaned_data["holdout"],
        )

    def head(self, summary: str, crumb: Link) -> Head:
        """Return the head of the form."""
        return Head(
            title=_("State the task of a value measurement"),
            kind=_("Value measurement"),
            summary=summary,
            crumbs=[crumb],
        )


class MeasureAgreement(OfAgreement, StateTask):
    """The provider has the sources of an agreement valued."""

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        if refusal := rules.why_not_measure(self.actor, self.agreement, ""):
            raise NotAllowed(refusal)

    def act(self, form: forms.Form) -> str:
        made = services.request_measurement(
            agreement=self.agreement, stated=self.stated(form), by=self.actor, at=self.now
        )
        return way("measurement", made.reference)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            head=self.head(
                self.agreement.product.name, Link(label=self.agreement.reference, url=self.here)
            ),
            button=_("Queue the measurement"),
            back_url=self.here,
            **kwargs,
        )


class MeasureOrder(StateTask):
    """A buyer has the sources of what it bought valued on its own task."""

    roles = ("BUYER",)
    order: Order

    def load(self, **kwargs: Any) -> None:
        self.order = get_order_for(self.actor, kwargs["reference"])
        if refusal := why_not_measure(self.actor, self.order):
            raise NotAllowed(refusal)
        stand_in(self.request, "buyer_measurements")

    def act(self, form: forms.Form) -> str:
        made = measure_contributions_for(
            order=self.order, stated=self.stated(form), by=self.actor, at=self.now
        )
        return way("measurement", made.reference)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        here = reverse("order", args=[self.order.reference])
        return super().get_context_data(
            head=self.head(self.order.product.name, Link(label=self.order.reference, url=here)),
            button=_("Queue the measurement"),
            back_url=here,
            **kwargs,
        )


class BuyerMeasurements(Page):
    """What a buyer had measured, and what it could have measured."""

    roles = ("BUYER",)
    template_name = "measurements/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = measurements_visible_to(self.actor).filter(requester=self.actor.organization)
        orders = Order.objects.filter(
            buyer__reference=self.actor.organization, paid_at__isnull=False
        ).select_related("product")
        return super().get_context_data(
            head=Head(
                title=_("Value measurements"),
                summary=_(
                    "State what you use bought data for; each source is valued by how much it "
                    "helps (价值测度)."
                ),
            ),
            page=paginate(rows, self.request.GET, order=("-requested_at", "-pk")),
            columns=COLUMNS,
            orders=orders.order_by("-placed_at")[:20],
            **kwargs,
        )


class OfMeasurement(Page):
    """What a page about one measurement shows."""

    member = True
    look = "measurement"
    measurement: ValueMeasurement

    def load(self, **kwargs: Any) -> None:
        self.measurement = get_measurement_for(self.actor, kwargs["reference"])
        own = self.measurement.requester == self.actor.organization
        buyer = own and self.actor.has_role("BUYER")
        stand_in(self.request, "buyer_measurements" if buyer else "provider_sharing")

    @property
    def job(self) -> Progress | None:
        """How far it is, while it is not over."""
        url = reverse("measurement_progress", args=[self.measurement.reference])
        return job_of(self.measurement, url)


class MeasurementPage(OfMeasurement):
    """One measurement: its task, how far it is, and its signed result."""

    template_name = "measurements/measurement.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, job = self.measurement, self.job
        parties = [found["name"] for found in row.result.get("parties", [])]
        return super().get_context_data(
            head=Head(
                title=_("Measured contributions: %(target)s") % {"target": row.task["target"]},
                kind=_("Value measurement"),
                reference=row.reference,
                status=row.status,
                status_label=row.get_status_display(),
                lifecycle="measurement",
                since=row.done_at or row.requested_at,
                summary=row.agreement.product.name,
                crumbs=links((_("Value measurements"), str(getattr(self.request, "place", "")))),
            ),
            item=measured_in_words(row, organization_names(parties)),
            job=job,
            value_columns=VALUE_COLUMNS,
            **kwargs,
        )


class MeasurementProgress(OfMeasurement):
    """The moving part of the page; when it is over, the whole page comes anew."""

    template_name = "provider/job.html"

    def get(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:
        """Show how far it is."""
        job = self.job
        if job is None:
            if getattr(request, "htmx", False):
                return HttpResponse(headers={"HX-Refresh": "true"})
            here = reverse("measurement", args=[self.measurement.reference])
            return HttpResponseRedirect(here)
        return self.render_to_response(self.get_context_data(job=job, **kwargs))


urlpatterns = [
    path(
        "provider/products/<str:reference>/share/", Propose.as_view(), name="provider_share_propose"
    ),
    path(
        "provider/sharing/<reference>/measure/",
        MeasureAgreement.as_view(),
        name="provider_sharing_measure",
    ),
    path("orders/<str:reference>/measure/", MeasureOrder.as_view(), name="order_measure"),
    path("buyer/measurements/", BuyerMeasurements.as_view(), name="buyer_measurements"),
    path("measurements/<str:reference>/", MeasurementPage.as_view(), name="measurement"),
    path(
        "measurements/<str:reference>/progress/",
        MeasurementProgress.as_view(),
        name="measurement_progress",
    ),
]
