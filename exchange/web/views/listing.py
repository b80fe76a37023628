"""What a provider does to bring a product to the market, and to take it off again."""

from typing import Any

from django import forms
from django.urls import path
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from exchange.catalog import rules, services
from exchange.catalog.commitment import COMMITMENT, COMMITMENT_SHA256
from exchange.registry.models import RightsStatement
from exchange.registry.queries import rights_visible_to
from exchange.registry.states import RightsState
from exchange.web.forms.reasons import ReasonForm
from exchange.web.pages import ActPage

from .owned import OfProduct, ProductForm


class AttachRights(ProductForm):
    """Rest the product on a statement of rights."""

    title = gettext_lazy("Attach a rights statement")
    lead = gettext_lazy(
        "A product rests on one statement of source and rights (《数据安全法》第三十三条). "
        "Attaching another one makes a new version of the description."
    )
    verb = gettext_lazy("Attach")
    done = gettext_lazy("The rights statement is attached.")
    template_name = "provider/attach.html"

    def why_not(self) -> str | None:
        return rules.why_not_edit(self.actor, self.product)

    @property
    def statements(self) -> list[RightsStatement]:
        """The statements of one's own organization that stand or are drafted."""
        own = rights_visible_to(self.actor).filter(organization=self.product.provider)
        return list(own.exclude(status=RightsState.WITHDRAWN).order_by("-drafted_at"))

    def get_form(self) -> forms.Form:
        choices = [
            (row.reference, f"{row.title or row.reference} · {row.get_status_display()}")
            for row in self.statements
        ]
        field = forms.ChoiceField(
            label=_("Rights statement"), choices=choices, widget=forms.RadioSelect
        )
        form: type[forms.Form] = type("AttachForm", (forms.Form,), {"rights": field})
        present = self.product.rights.reference if self.product.rights else None
        if self.request.method == "POST":
            return form(self.request.POST)
        return form(initial={"rights": present})

    def act(self, form: forms.Form) -> str:
        chosen = form.cleaned_data["rights"]
        rights = next(row for row in self.statements if row.reference == chosen)
        services.attach_rights(product=self.product, rights=rights, by=self.actor, at=self.now)
        return self.back

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(has_any=bool(self.statements), **kwargs)


class CommitForm(forms.Form):
    """The provider's signature under its own description."""

    agreed = forms.BooleanField(label=gettext_lazy("We make this commitment for our organization."))
    version = forms.IntegerField(widget=forms.HiddenInput)


class Commit(ProductForm):
    """Answer for the description in the version that was read."""

    form_class = CommitForm
    template_name = "provider/commitment.html"
    title = gettext_lazy("Legal commitment")
    lead = gettext_lazy(
        "It holds for exactly this version of the description. Any later change asks for it anew."
    )
    verb = gettext_lazy("Accept the commitment")
    done = gettext_lazy("The commitment is recorded.")

    def why_not(self) -> str | None:
        return rules.why_not_commit(self.actor, self.product)

    def initial(self) -> dict[str, Any]:
        return {"version": self.product.version}

    def act(self, form: forms.Form) -> str:
        services.accept_commitment(
            product=self.product,
            expected_version=form.cleaned_data["version"],
            by=self.actor,
            at=self.now,
        )
        return self.back

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chinese = (get_language() or "").startswith("zh")
        first, second = ("zh-hans", "en") if chinese else ("en", "zh-hans")
        return super().get_context_data(
            text=COMMITMENT[first],
            other=COMMITMENT[second],
            other_language=second,
            sha256=COMMITMENT_SHA256,
            **kwargs,
        )


class RequestForm(forms.Form):
    """The request of a listing."""

    justification = forms.CharField(
        label=gettext_lazy("Justification of the price"),
        help_text=gettext_lazy(
            "Needed when the price stands outside the band of policy; buyers read it beside the "
            "price (《上海市数据条例》第五十七条)."
        ),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class RequestListing(ProductForm):
    """Ask the operator for the listing of exactly what was described, priced and cleared."""

    form_class = RequestForm
    template_name = "provider/request.html"
    title = gettext_lazy("Request the listing")
    lead = gettext_lazy(
        "The operator sees this version, this release and this price. Any change makes the "
        "request void."
    )
    verb = gettext_lazy("Send the request")
    done = gettext_lazy("The listing is requested. The operator decides about it.")

    def why_not(self) -> str | None:
        return rules.why_not_create(self.actor, self.product.provider.reference)

    def initial(self) -> dict[str, Any]:
        return {"version": self.product.version, "justification": self.product.justification}

    def act(self, form: forms.Form) -> str:
        services.request_listing(
            product=self.product,
            justification=form.cleaned_data["justification"],
            expected_version=form.cleaned_data["version"],
            by=self.actor,
            at=self.now,
        )
        return self.back

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        facts = services.listing_facts(self.product, at=self.now)
        said = self.request.POST.get("justification", self.product.justification)
        return super().get_context_data(
            facts=facts,
            conditions=rules.listing_conditions(facts, justification=said),
            **kwargs,
        )


class Suspend(ProductForm):
    """Stop one's own listing for a time."""

    form_class = ReasonForm
    title = gettext_lazy("Suspend the listing")
    lead = gettext_lazy("Nobody can order until you resume it. Contracts that run are not touched.")
    verb = gettext_lazy("Suspend")
    danger = True
    done = gettext_lazy("The listing is suspended.")
    service: Any = staticmethod(services.suspend_listing)

    def why_not(self) -> str | None:
        return rules.why_not_stop(self.actor, self.product)

    def act(self, form: forms.Form) -> str:
        reason = form.cleaned_data["reason"]
        self.service(product=self.product, reason=reason, by=self.actor, at=self.now)
        return self.back


class Resume(Suspend):
    """Let one's own listing go on."""

    title = gettext_lazy("Resume the listing")
    lead = gettext_lazy("Buyers can order again at the price in force.")
    verb = gettext_lazy("Resume")
    danger = False
    done = gettext_lazy("The listing goes on.")
    service = staticmethod(services.resume_listing)

    def why_not(self) -> str | None:
        return rules.why_not_resume(self.actor, self.product, self.now)


class Delist(Suspend):
    """End one's own listing."""

    title = gettext_lazy("Delist the product")
    lead = gettext_lazy(
        "The listing ends. Contracts that run are not touched; a new listing needs every step anew."
    )
    verb = gettext_lazy("Delist")
    done = gettext_lazy("The product is delisted.")
    service = staticmethod(services.delist_product)


class ProductAct(ActPage, OfProduct):
    """A button about one own product."""

    service: Any

    def act(self) -> str:
        self.service(product=self.product, by=self.actor, at=self.now)
        return self.back


class Retract(ProductAct):
    """Take the request back."""

    done = gettext_lazy("The request is taken back.")
    service = staticmethod(services.retract_listing)


class Reopen(ProductAct):
    """Work on a delisted product again."""

    done = gettext_lazy("The product is a draft again.")
    service = staticmethod(services.reopen_product)


PLACE = "provider/products/<str:reference>"
urlpatterns = [
    path(f"{PLACE}/rights/", AttachRights.as_view(), name="provider_product_rights"),
    path(f"{PLACE}/commitment/", Commit.as_view(), name="provider_commit"),
    path(f"{PLACE}/request/", RequestListing.as_view(), name="provider_request"),
    path(f"{PLACE}/retract/", Retract.as_view(), name="provider_retract"),
    path(f"{PLACE}/suspend/", Suspend.as_view(), name="provider_suspend"),
    path(f"{PLACE}/resume/", Resume.as_view(), name="provider_resume"),
    path(f"{PLACE}/delist/", Delist.as_view(), name="provider_delist"),
    path(f"{PLACE}/reopen/", Reopen.as_view(), name="provider_reopen"),
]
