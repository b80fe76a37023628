"""Pages of those who decide: one thing, what it is judged by, and the decisions open on it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _

from audit.log.errors import DomainError, NotAllowed
from exchange.web.components import Action
from exchange.web.pages import Page, put_errors

NAME = "act"  # the hidden field that says which decision was sent


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision with its form; a refused one is shown with its reason instead of its form."""

    name: str
    title: object
    verb: object
    form_class: type[forms.Form]
    call: Callable[[Mapping[str, Any]], object]
    done: object
    onward: str
    note: object = ""
    reason: str | None = None
    danger: bool = False
    preview: object = ""  # the words of a second button that only shows what it would mean
    folded: bool = False
    initial: Mapping[str, Any] = field(default_factory=dict)

    def form(self, data: Any = None) -> forms.Form:
        """Return the form; its ids are its own, since several stand on one page."""
        return self.form_class(data, initial=dict(self.initial), auto_id=f"id_{self.name}_%s")


class Desk(Page):
    """A page on which decisions are taken; each is a form that posts to the page itself."""

    def decisions(self) -> Sequence[Decision]:
        """Return the decisions that belong to the present state, the usual one first."""
        return ()

    def way(self) -> list[Action]:
        """Return the main action of the head: the way to the decisions that are open."""
        opened = [one for one in self.decisions() if not one.reason]
        if not opened:
            return []
        label = opened[0].title if len(opened) == 1 else _("Decide")
        return [Action(label=label, url=f"#{opened[0].name}", post=False, main=True)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sent: Mapping[str, forms.Form] = kwargs.pop("sent", {})
        decisions = [
            {
                "decision": decision,
                "form": sent.get(decision.name) or (None if decision.reason else decision.form()),
                "open": decision.name in sent,
            }
            for decision in self.decisions()
        ]
        return super().get_context_data(decisions=decisions, **kwargs)

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:
        """Take the decision that was sent, or show the page with what is wrong at its form."""
        wanted = request.POST.get(NAME, "")
        decision = next((one for one in self.decisions() if one.name == wanted), None)
        if decision is None:
            raise NotAllowed(_("This decision is not open here now; look at the present state."))
        if decision.reason:
            raise NotAllowed(decision.reason)
        form, status = decision.form(request.POST), 422
        if form.is_valid():
            try:
                decision.call(form.cleaned_data)
            except DomainError as error:
                status = error.status
                put_errors(form, error)
            else:
                messages.success(request, str(decision.done))
                return HttpResponseRedirect(decision.onward)
        context = self.get_context_data(sent={decision.name: form})
        return self.render_to_response(context, status=status)
