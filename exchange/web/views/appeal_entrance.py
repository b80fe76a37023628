"""The entrance of appeals, open to anybody, and the way back by the receipt."""

from collections.abc import Mapping
from typing import Any

from allauth.core import ratelimit
from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.disclosure.models import Disclosure
from audit.disclosure.queries import get_disclosure_for
from audit.log.errors import Conflict, DomainError, NotFound
from audit.rulebook.queries import day_of
from exchange.audits import appeal_queries, appeal_rules, services
from exchange.audits.appeal_fields import LODGE_FIELDS
from exchange.audits.policy import Policy
from exchange.web.components import Head, Link
from exchange.web.forms.fields import form_of, sent
from exchange.web.pages import FormPage, put_errors

from .algorithm_appeals import ReferForm

LodgeForm = form_of("LodgeForm", LODGE_FIELDS)


class ReceiptForm(forms.Form):
    """Reference and secret of a receipt."""

    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=24)
    secret = forms.CharField(
        label=gettext_lazy("Secret"),
        max_length=64,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"}),
    )


def hold_back(request: HttpRequest, action: str) -> None:
    """Refuse who lodges or guesses too often from one address."""
    if not ratelimit.consume(request, action=action):
        raise Conflict(_("That was often. Wait an hour and try again."))


class Lodge(FormPage):
    """The entrance of appeals, open to anybody (《算法推荐管理规定》第二十二条)."""

    public = True
    form_class = LodgeForm
    template_name = "audits/lodge.html"
    disclosure: Disclosure

    def load(self, **kwargs: Any) -> None:
        self.disclosure = get_disclosure_for(self.actor, kwargs["reference"])

    def initial(self) -> dict[str, Any]:
        return {"decision": self.request.GET.get("decision", "")[:24]}

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:
        """Lodge the appeal and show its receipt, once."""
        form, status = self.get_form(), 422
        if form.is_valid():
            try:
                if not self.actor.is_identified:
                    hold_back(request, "algorithm_appeal")
                lodged = services.lodge_appeal(
                    disclosure=self.disclosure,
                    said=sent(form, LODGE_FIELDS),
                    by=self.actor,
                    at=self.now,
                )
            except DomainError as error:
                put_errors(form, error)
                status = error.status
            else:
                return self.render_to_response(self.get_context_data(form=form, lodged=lodged))
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        disclosure = self.disclosure
        policy = Policy.on(day_of(self.now))
        return super().get_context_data(
            head=Head(
                title=_("Appeal against “%(name)s”") % {"name": disclosure.name},
                kind=_("Algorithm"),
                reference=disclosure.reference,
                summary=_("It is answered within %(days)d working days, in plain words.")
                % {"days": policy.figure("appeal", "answer")},
                crumbs=[
                    Link(label=_("Register of algorithms"), url=reverse("algorithms")),
                    Link(
                        label=disclosure.name,
                        url=reverse("algorithm", args=[disclosure.reference]),
                    ),
                ],
            ),
            disclosure=disclosure,
            wishes=policy.entries("wishes"),
            refusal=appeal_rules.why_not_lodge(self.actor, disclosure.owner),
            with_account=self.actor.is_identified,
            **kwargs,
        )


class Follow(FormPage):
    """An appeal by its receipt; the secret is sent in the body and kept nowhere."""

    public = True
    form_class = ReceiptForm
    template_name = "audits/follow.html"

    def initial(self) -> dict[str, Any]:
        return {"reference": self.request.GET.get("reference", "")[:24]}

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:
        """Show the appeal, and do what was asked with it."""
        form, status = self.get_form(), 422
        more: dict[str, Any] = {}
        if form.is_valid():
            try:
                hold_back(request, "appeal_receipt")
                more = self._shown(form.cleaned_data["secret"], form.cleaned_data["reference"])
                status = 200
            except NotFound as error:
                status = error.status
                form.add_error(None, _("No appeal has this reference and secret."))
            except DomainError as error:
                status = error.status
                form.add_error(None, str(error))
        return self.render_to_response(self.get_context_data(form=form, **more), status=status)

    def _shown(self, secret: str, reference: str) -> dict[str, Any]:
        appeal = appeal_queries.get_appeal_by_receipt(reference, secret)
        act = self.request.POST.get("act", "")
        refer = ReferForm(self.request.POST if act == "refer" else None)
        common: Mapping[str, Any] = {"secret": secret, "by": self.actor, "at": self.now}
        if act == "refer" and refer.is_valid():
            services.refer_appeal(appeal=appeal, reason=refer.cleaned_data["reason"], **common)
        elif act == "withdraw":
            services.withdraw_appeal(appeal=appeal, **common)
        elif act == "erase":
            services.erase_appellant(appeal=appeal, **common)
        appeal.refresh_from_db()
        open_to = appeal_rules.appeal_actions(self.actor, appeal, with_receipt=True)
        return {
            "appeal": appeal,
            "algorithm": get_disclosure_for(self.actor, appeal.disclosure).name,
            "said": appeal_queries.said_in(appeal),
            "secret": "" if appeal.erased_at else secret,
            "refer": refer if "refer" in open_to else None,
            "may_withdraw": "withdraw" in open_to,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            head=Head(
                title=_("Follow an appeal"),
                summary=_("With the receipt that you were given when you appealed."),
                crumbs=[Link(label=_("Register of algorithms"), url=reverse("algorithms"))],
            ),
            **kwargs,
        )


urlpatterns = [
    path("algorithms/<str:reference>/appeal/", Lodge.as_view(), name="algorithm_appeal_lodge"),
    path("appeal-receipt/", Follow.as_view(), name="appeal_receipt"),
]
