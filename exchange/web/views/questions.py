"""Asking a question under a grant whose data stays within the exchange, and reading its answer."""

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from audit.log.errors import DomainError, NotFound
from audit.rulebook.queries import day_of
from exchange.delivery import queries, services
from exchange.delivery.models import Access
from exchange.delivery.questions import offer_for
from exchange.web.asking import asked_in_words, table_of
from exchange.web.components import Action, Head
from exchange.web.forms.questions import AskForm
from exchange.web.trade import links

from .grants import GrantPage, OfGrant

LONGEST_KEY = 200


class AskQuestion(GrantPage):
    """The form on a grant's page: one question, one answer, one unit of the budget.

    The form carries a key made when it was shown, so that sent again it takes nothing more. Runs
    outside any transaction, since a refusal has to stay on record.
    """

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:  # noqa: ARG002  the page has it
        """Go to the form."""
        return HttpResponseRedirect(f"{self.own_url}#ask")

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:
        """Have the question answered, or show it again with what is wrong."""
        grant = services.check_asking(grant=self.grant, by=self.actor, at=self.now)
        on = day_of(self.now)
        form, status = AskForm(offer_for(grant.release, on=on), request.POST), 422
        if form.is_valid():
            question = form.question(on)
            try:
                answered = services.ask_question(
                    grant=grant,
                    question=question,
                    by=self.actor,
                    at=self.now,
                    request_key=form.cleaned_data["key"][:LONGEST_KEY] or uuid4().hex,
                )
            except DomainError as error:
                status = error.status
                form.refuse(error, question)
            else:
                named = [grant.reference, answered.access.reference]
                return HttpResponseRedirect(reverse("grant_answer", args=named))
        return self.render_to_response(self.get_context_data(form=form), status=status)


class AnswerPage(OfGrant):
    """An answer as a table, with the link to its file. Showing it counts as sent, on record."""

    template_name = "grants/answer.html"
    access: Access

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        self.access = queries.get_access_for(self.actor, kwargs["access"])
        if self.access.grant_id != self.grant.pk:
            raise NotFound

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        access, grant = self.access, self.grant
        said = services.read_answer(access=access, by=self.actor, at=self.now)
        fetch = Action(
            label=_("Fetch the file"),
            url=reverse("access_link", args=[access.reference]),
            main=True,
            icon="delivery",
        )
        return super().get_context_data(**kwargs) | {
            "grant": grant,
            "access": access,
            "asked": asked_in_words(access.question),
            "answer": table_of(said),
            "head": Head(
                title=_("Answer to a question"),
                kind=grant.product.name,
                reference=access.reference,
                actions=[
                    fetch,
                    Action(label=_("Ask another question"), url=f"{self.own_url}#ask", post=False),
                ],
                crumbs=links((grant.reference, self.own_url)),
            ),
        }


urlpatterns = [
    path("grants/<str:reference>/ask/", AskQuestion.as_view(), name="grant_ask"),
    path("grants/<str:reference>/answers/<str:access>/", AnswerPage.as_view(), name="grant_answer"),
]
