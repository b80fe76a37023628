"""Revenue sharing: which terms an organization is a party of, its answer, and what was measured."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.parties.queries import organization_names
from exchange.settlement import rules, services
from exchange.settlement.models import ShareAgreement, ValueMeasurement
from exchange.settlement.queries import agreements_visible_to, get_agreement_for
from exchange.settlement.states import AgreementState, MeasurementState
from exchange.web.components import Action, Column, Head, Link, Progress
from exchange.web.forms.reasons import ReasonForm
from exchange.web.pages import ActPage, FormPage, Page
from exchange.web.paging import paginate
from pricing.sharing import CutKind, RevenueShare
from pricing.valuation.refusals import Unmeasurable
from pricing.value_wording import BASES, METRICS, refusal_text

from .owned import PROVIDER

LIST_COLUMNS: Final = (
    Column(label=gettext_lazy("Agreement")),
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Weights")),
    Column(label=gettext_lazy("Answered"), number=True),
)
PARTY_COLUMNS: Final = (
    Column(label=gettext_lazy("Party")),
    Column(label=gettext_lazy("Part")),
    Column(label=gettext_lazy("Releases supplied")),
    Column(label=gettext_lazy("Agreed")),
)
VALUE_COLUMNS: Final = (
    Column(label=gettext_lazy("Party")),
    Column(label=gettext_lazy("Rows"), number=True),
    Column(label=gettext_lazy("Contribution"), number=True),
    Column(label=gettext_lazy("Standard error"), number=True),
)


class Agreements(Page):
    """The agreements that the organization sells under or has a part in."""

    roles = PROVIDER
    template_name = "provider/sharing.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = agreements_visible_to(self.actor)
        page = paginate(rows, self.request.GET, order=("-proposed_at", "-pk"))
        return super().get_context_data(
            head=Head(
                title=_("Revenue sharing"),
                summary=_(
                    "How the proceeds of jointly supplied products are divided. Terms are in force "
                    "once every party has agreed."
                ),
            ),
            page=page,
            rows=[{"row": row, "basis": BASES[row.share.basis], **_answers(row)} for row in page],
            columns=LIST_COLUMNS,
            **kwargs,
        )


class OfAgreement(Page):
    """A page about one agreement the organization is a party of."""

    roles = PROVIDER
    agreement: ShareAgreement

    def load(self, **kwargs: Any) -> None:
        self.agreement = get_agreement_for(self.actor, kwargs["reference"])

    @property
    def here(self) -> str:
        """The agreement's page."""
        return reverse("provider_sharing_one", args=[self.agreement.reference])


class Agreement(OfAgreement):
    """Terms, answers, and what was measured under them."""

    template_name = "provider/sharing_one.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        agreement = self.agreement
        names = organization_names(party.organization for party in agreement.parties.all())
        return super().get_context_data(
            head=Head(
                title=_("Revenue sharing of %(product)s") % {"product": agreement.product.name},
                reference=agreement.reference,
                status=agreement.status,
                status_label=agreement.get_status_display(),
                lifecycle="agreement",
                since=agreement.effective_at or agreement.proposed_at,
                summary=agreement.end_reason,
                actions=self._actions(),
                crumbs=[Link(label=_("Revenue sharing"), url=reverse("provider_sharing"))],
            ),
            agreement=agreement,
            basis=BASES[agreement.share.basis],
            parties=[
                {
                    "party": party,
                    "name": names.get(party.organization, party.organization),
                    "part": _part(agreement.share, party.organization),
                }
                for party in agreement.parties.all()
            ],
            columns=PARTY_COLUMNS,
            measurements=[measured_in_words(row, names) for row in agreement.measurements.all()],
            value_columns=VALUE_COLUMNS,
            **kwargs,
        )

    def _actions(self) -> list[Action]:
        agreement = self.agreement
        if agreement.status == AgreementState.IN_FORCE:
            return self._measure()
        if agreement.status != AgreementState.PROPOSED:
            return []
        if self.actor.organization == agreement.product.provider.reference:
            refusal = rules.why_not_propose_share(self.actor, agreement.product)
            url = reverse("provider_sharing_withdraw", args=[agreement.reference])
            return [Action(label=_("Take the proposal back"), url=url, reason=refusal)]
        refusal = rules.why_not_answer_share(self.actor, agreement)
        if agreement.parties.filter(
            organization=self.actor.organization, agreed_at__isnull=False
        ).exists():
            refusal = _("Your organization has agreed already.")
        return [
            Action(
                label=_("Agree to these terms"),
                url=reverse("provider_sharing_agree", args=[agreement.reference]),
                main=True,
                reason=refusal,
                ask=_("From then on sales of this product are divided by these terms. Agree?"),
            ),
            Action(
                label=_("Decline"),
                url=reverse("provider_sharing_decline", args=[agreement.reference]),
                post=False,
                danger=True,
                reason=refusal,
            ),
        ]

    def _measure(self) -> list[Action]:
        agreement = self.agreement
        if self.actor.organization != agreement.product.provider.reference:
            return []
        measure = Action(
            label=_("Have contributions measured"),
            url=reverse("provider_sharing_measure", args=[agreement.reference]),
            post=False,
            reason=rules.why_not_measure(self.actor, agreement, ""),
        )
        return [measure]


class Agree(OfAgreement, ActPage):
    """The answer yes."""

    done = gettext_lazy("Your organization has agreed to the terms.")

    def act(self) -> str:
        services.agree_share(agreement=self.agreement, by=self.actor, at=self.now)
        return self.here


class Withdraw(OfAgreement, ActPage):
    """The proposal taken back."""

    done = gettext_lazy("The proposal is taken back.")

    def act(self) -> str:
        services.withdraw_share(agreement=self.agreement, by=self.actor, at=self.now)
        return self.here


class Decline(OfAgreement, FormPage):
    """The answer no, with its reason."""

    form_class = ReasonForm
    template_name = "provider/form.html"
    done = gettext_lazy("The terms are declined.")

    def act(self, form: forms.Form) -> str:
        services.decline_share(
            agreement=self.agreement, by=self.actor, at=self.now, **form.cleaned_data
        )
        return self.here

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("Decline the terms"),
            lead=_("That ends the proposal for all parties; they read your reason."),
            verb=_("Decline"),
            danger=True,
            back=self.here,
            crumbs=[Link(label=self.agreement.reference, url=self.here)],
            **kwargs,
        )


def _answers(agreement: ShareAgreement) -> dict[str, int]:
    parties = list(agreement.parties.all())
    return {"agreed": sum(p.agreed_at is not None for p in parties), "of": len(parties)}


def _part(share: RevenueShare, party: str) -> str:
    """Say what a party gets: its cut ahead of the sources, or its weight among them."""
    for cut in share.cuts:
        if cut.party == party:
            if cut.kind == CutKind.FIXED:
                return _("%(amount)s ahead of the sources") % {"amount": f"{cut.value:,.2f}"}
            return _("%(rate)s of the net ahead of the sources") % {"rate": _percent(cut.value)}
    return _("weight %(rate)s") % {"rate": _percent(share.weights[party])}


def _percent(rate: Decimal) -> str:
    return f"{rate * 100:.4f}".rstrip("0").rstrip(".") + "\u00a0%"


def job_of(row: ValueMeasurement, url: str) -> Progress | None:
    """Return how far a measurement is, to be asked again at `url`; None once it is over."""
    if row.status not in {MeasurementState.QUEUED, MeasurementState.RUNNING}:
        return None
    return Progress(
        what=row.get_status_display(),
        done=row.progress,
        total=100,
        since=row.requested_at,
        url=url,
    )


def measured_in_words(row: ValueMeasurement, names: dict[str, str]) -> dict[str, Any]:
    """Return a measurement with its words, its progress and its values by party."""
    refusal = row.refusal
    return {
        "row": row,
        "job": job_of(row, reverse("measurement_progress", args=[row.reference])),
        "metric": METRICS[row.task["metric"]],
        "features": ", ".join(row.task["features"]),
        "refusal": refusal_text(Unmeasurable(refusal["code"], **refusal["params"]))
        if refusal
        else "",
        "parties": [
            {
                "name": names.get(found["name"], found["name"]),
                "rows": found["rows"],
                "value": f"{Decimal(found['value']):.4f}",
                "error": f"{Decimal(found['standard_error']):.4f}",
            }
            for found in row.result.get("parties", [])
        ],
        "total": f"{Decimal(row.result['total']):.4f}" if row.result else "",
    }


urlpatterns = [
    path("provider/sharing/", Agreements.as_view(), name="provider_sharing"),
    path("provider/sharing/<reference>/", Agreement.as_view(), name="provider_sharing_one"),
    path("provider/sharing/<reference>/agree/", Agree.as_view(), name="provider_sharing_agree"),
    path(
        "provider/sharing/<reference>/withdraw/",
        Withdraw.as_view(),
        name="provider_sharing_withdraw",
    ),
    path(
        "provider/sharing/<reference>/decline/", Decline.as_view(), name="provider_sharing_decline"
    ),
]
