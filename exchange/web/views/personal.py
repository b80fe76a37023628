"""One's own data: what is kept, a copy of it, and having it erased."""

import json
from datetime import datetime
from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.actors import ActorKind
from audit.log.errors import DomainError, NotAllowed
from audit.retention.terms import RetentionClass, classes_on
from audit.rulebook.queries import day_of
from exchange.parties.models import User
from exchange.parties.queries import user_of
from exchange.parties.services import copy_person, erase_person, preview_erasure
from exchange.parties.services.erasure import Kept
from exchange.parties.states import ErasureState
from exchange.web.components import Column, Head
from exchange.web.pages import Page, put_errors

from .registers import tongue

KEPT_COLUMNS = (
    Column(label=gettext_lazy("What")),
    Column(label=gettext_lazy("Number"), number=True),
    Column(label=gettext_lazy("Kept until")),
    Column(label=gettext_lazy("On what basis")),
)


class EraseForm(forms.Form):
    """The confirmation of an erasure, which cannot be taken back."""

    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address, to confirm"),
        help_text=gettext_lazy("Typed once more, so that nobody erases by mistake."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    understood = forms.BooleanField(
        label=gettext_lazy("I understand that this cannot be taken back."),
    )


class OwnData(Page):
    """What the exchange keeps of the person who is signed in."""

    person: User

    def why_not_enter(self) -> str | None:
        """Let any person in, whether or not it acts for an organization; no machines."""
        if self.actor.kind == ActorKind.USER:
            return None
        return _("This page is for people who are signed in.")

    def load(self, **kwargs: Any) -> None:  # noqa: ARG002  nothing in the address
        """Fetch the person itself."""
        found = user_of(self.actor)
        if found is None:
            raise NotAllowed(_("This page is for people who are signed in."))
        self.person = found


@method_decorator(reauthentication_required(allow_get=True), name="dispatch")
class MyData(OwnData):
    """What is kept, what an erasure would do, and the erasure itself."""

    template_name = "account/data.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        preview = preview_erasure(user=self.person, at=self.now)
        kwargs.setdefault("form", EraseForm())
        head = Head(
            title=_("My data"),
            kind=_("Your account"),
            summary=_("What the exchange keeps of you, a copy of it, and having it erased."),
        )
        return super().get_context_data(
            head=head,
            person=self.person,
            preview=preview,
            kept=kept_rows(preview.kept, self.now),
            kept_columns=KEPT_COLUMNS,
            alone=", ".join(each.name for each in preview.alone_in),
            **kwargs,
        )

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:
        """Erase, end the session, and say what was done; or show what is wrong."""
        form = EraseForm(request.POST)
        if form.is_valid() and form.cleaned_data["email"].lower() != self.person.email:
            form.add_error("email", _("This is not the address of your account."))
        status = 422
        if form.is_valid():
            try:
                erasure = erase_person(user=self.person, by=self.actor, at=self.now)
            except DomainError as error:
                status = error.status
                put_errors(form, error)
            else:
                logout(request)
                self.template_name = "account/erased.html"
                context = super().get_context_data(
                    erasure=erasure,
                    finished=erasure.status == ErasureState.ERASED,
                    kept=document_rows(erasure.kept, self.now),
                    kept_columns=KEPT_COLUMNS,
                )
                return self.render_to_response(context)
        return self.render_to_response(self.get_context_data(form=form), status=status)


@method_decorator(reauthentication_required, name="dispatch")
class MyCopy(OwnData):
    """A copy of everything, as a file."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Hand it over as JSON."""
        copied = copy_person(user=self.person, by=self.actor, at=self.now)
        text = json.dumps(copied, ensure_ascii=False, indent=2)
        return HttpResponse(
            text,
            content_type="application/json; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="my-data.json"'},
        )


def kept_rows(kept: Any, at: datetime) -> list[dict[str, Any]]:
    """Return what is kept in words: which records, how many, until when, on what basis."""
    return [_kept_row(each, _titles(at)) for each in kept]


def document_rows(kept: list[dict[str, Any]], at: datetime) -> list[dict[str, Any]]:
    """Return the same from the row of an erasure."""
    read = [
        Kept(
            classes=tuple(each["classes"]),
            count=each["count"],
            until=datetime.fromisoformat(each["until"]) if each["until"] else None,
            basis=tuple(each["basis"]),
            held=each["held"],
        )
        for each in kept
    ]
    return kept_rows(read, at)


def _kept_row(each: Kept, titles: dict[str, str]) -> dict[str, Any]:
    return {
        "titles": [titles.get(name, name) for name in each.classes],
        "count": each.count,
        "until": each.until,
        "held": each.held,
        "basis": each.basis,
    }


def _titles(at: datetime) -> dict[str, str]:
    return {each.id: title_of(each) for each in classes_on(day_of(at))}


def title_of(each: RetentionClass) -> str:
    """Return a retention class's title in the reader's language."""
    return str(getattr(each, tongue()))


def note_of(each: RetentionClass) -> str:
    """Return a retention class's note in the reader's language."""
    return str(getattr(each, f"note_{tongue()}"))


urlpatterns = [
    path("account/data/", MyData.as_view(), name="account_data"),
    path("account/data/copy/", MyCopy.as_view(), name="account_copy"),
]
