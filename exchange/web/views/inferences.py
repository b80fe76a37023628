"""Calling a model under a grant: one row from a form, and what came of a call."""

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from audit.log.errors import Invalid, NotFound
from exchange.delivery import queries, services
from exchange.delivery.models import Access
from exchange.web.calling import OUTPUT_COLUMNS, CallForm, rows_of
from exchange.web.components import Action, Head
from exchange.web.trade import links

from .grants import GrantPage, OfGrant

LONGEST_KEY = 200


class CallModel(GrantPage):
    """The form on a grant's page: one row, one call of the budget.

    The form carries a key made when it was shown, so that sent again it takes nothing more. Runs
    outside any transaction, since a refusal has to stay on record.
    """

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:  # noqa: ARG002  the page has it
        """Go to the form."""
        return HttpResponseRedirect(f"{self.own_url}#call")

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:
        """Run the model, or show the row again with what is wrong."""
        grant = services.check_calling(grant=self.grant, by=self.actor, at=self.now)
        form = CallForm(grant.release.model, request.POST)
        if form.is_valid():
            try:
                made = services.call_model(
                    grant=grant,
                    inputs=form.inputs(),
                    by=self.actor,
                    at=self.now,
                    request_key=form.cleaned_data["key"][:LONGEST_KEY] or uuid4().hex,
                )
            except Invalid as error:
                form.refuse(error.fields)
            else:
                named = [grant.reference, made.access.reference]
                return HttpResponseRedirect(reverse("grant_outputs", args=named))
        return self.render_to_response(self.get_context_data(form=form), status=422)


class OutputsPage(OfGrant):
    """What a model said in a call. Showing it counts as sent, on record."""

    template_name = "grants/outputs.html"
    access: Access

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        self.access = queries.get_access_for(self.actor, kwargs["access"])
        if self.access.grant_id != self.grant.pk:
            raise NotFound

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        access, grant = self.access, self.grant
        said = services.read_outputs(access=access, by=self.actor, at=self.now)
        again = Action(label=_("Call again"), url=f"{self.own_url}#call", post=False)
        fetch = Action(
            label=_("Fetch the file"),
            url=reverse("access_link", args=[access.reference]),
            main=True,
            icon="delivery",
        )
        return super().get_context_data(**kwargs) | {
            "grant": grant,
            "access": access,
            "answer": said,
            "rows": rows_of(said),
            "columns": OUTPUT_COLUMNS,
            "head": Head(
                title=_("Outputs of the model"),
                kind=grant.product.name,
                reference=access.reference,
                actions=[fetch, again],
                crumbs=links((grant.reference, self.own_url)),
            ),
        }


urlpatterns = [
    path("grants/<str:reference>/call/", CallModel.as_view(), name="grant_call"),
    path(
        "grants/<str:reference>/outputs/<str:access>/", OutputsPage.as_view(), name="grant_outputs"
    ),
]
