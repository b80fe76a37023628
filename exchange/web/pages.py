"""What every page does alike: who may enter, one call into the domain, and refusals in words.

Looks of an authority at records of others are in `looks`.
"""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from audit.log.errors import DomainError, Invalid, NotAllowed

from .looks import Looked


class Page(Looked):
    """A page. Closed by default: name the `roles` it serves, or say that it is `public`.

    `load()` fetches what the page is about and raises NotFound where the actor may not see it.
    """

    public: ClassVar[bool] = False
    member: ClassVar[bool] = False
    roles: ClassVar[tuple[str, ...]] = ()
    fragment: ClassVar[str] = ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.actor = request.actor  # type: ignore[attr-defined]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.public and not self.actor.is_identified:
            return redirect_to_login(request.get_full_path())
        try:
            if refusal := self.why_not_enter():
                raise NotAllowed(refusal)
            response = self.begin(request)
            if response is None:
                self.load(**kwargs)
                response = self.answer(request, *args, **kwargs)
        except DomainError as error:
            return refuse(request, error)
        if self.actor.is_identified:
            add_never_cache_headers(response)
        return response

    def why_not_enter(self) -> str | None:
        """Return why this actor does not get in here."""
        if self.public or self.actor.has_role(*self.roles):
            return None
        if self.member and self.actor.organization:
            return None
        if not self.actor.organization:
            return _("You do not act for an organization yet.")
        return _("This page serves other roles than those of your organization.")

    def load(self, **kwargs: Any) -> None:
        """Fetch what the page is about."""

    def get_template_names(self) -> list[str]:
        if self.fragment and getattr(self.request, "htmx", False):
            return [self.fragment]
        return super().get_template_names()

    @property
    def now(self) -> datetime:
        """The instant handed to the domain, which has no clock."""
        return timezone.now()


class FormPage(Page):
    """A page with a form: one call into the domain, whose refusals appear at the fields."""

    form_class: ClassVar[type[forms.Form]]
    done: ClassVar[Any] = ""

    def act(self, form: forms.Form) -> str:
        """Call the domain with the cleaned form and return the address to go on to."""
        raise NotImplementedError

    def finish(self, form: forms.Form) -> HttpResponseBase:
        """Act and go on; a page that hands something out overrides this."""
        onward = self.act(form)
        if self.done:
            messages.success(self.request, str(self.done))
        return HttpResponseRedirect(onward)

    def initial(self) -> dict[str, Any]:
        """Return what the form begins with."""
        return {}

    def get_form(self) -> forms.Form:
        """Return the form, filled with what was sent."""
        if self.request.method == "POST":
            return self.form_class(self.request.POST, self.request.FILES, initial=self.initial())
        return self.form_class(initial=self.initial())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.setdefault("form", self.get_form())
        return context

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:  # noqa: ARG002
        """Do what the form asks, or show it again with what is wrong."""
        form = self.get_form()
        status = 422
        if form.is_valid():
            try:
                return self.finish(form)
            except DomainError as error:
                status = error.status
                put_errors(form, error)
        return self.render_to_response(self.get_context_data(form=form), status=status)


class ActPage(Page):
    """The address of a button: POST only, one call, then back with a message."""

    http_method_names = ["post"]
    done: ClassVar[Any] = ""

    def act(self) -> str:
        """Call the domain and return the address to go on to."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:
        """Act, and say what came of it on the page that follows."""
        try:
            onward = self.act()
        except DomainError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(back_to(request))
        if self.done:
            messages.success(request, str(self.done))
        return HttpResponseRedirect(onward)


def put_errors(form: forms.Form, error: DomainError) -> None:
    """Put a refusal where it belongs: at its fields, or above the form.

    What an export would need stands there as a table of steps instead of one long text.
    """
    if export := getattr(error, "export", None):
        form.export = export  # type: ignore[attr-defined]
        form.add_error(None, str(error.title))
        return
    if not isinstance(error, Invalid):
        form.add_error(None, str(error))
        return
    for path, texts in error.fields.items():
        cell = path not in form.fields  # a cell of a table belongs to its field
        name = path.partition(".")[0] if cell else path
        for text in texts:
            form.add_error(name if name in form.fields else None, str(text))


def refuse(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Return the page that says why something is refused and what to do now."""
    response = render(request, "web/refusal.html", {"error": error}, status=error.status)
    add_never_cache_headers(response)
    return response


def back_to(request: HttpRequest) -> str:
    """Return the page a button was pressed on, if it is one of ours."""
    came = request.POST.get("back") or request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(
        came, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return came if safe else "/"
