"""What every page does alike: closed by default, refusals in words, one call into the domain."""

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound
from exchange.web.pages import ActPage, FormPage, Page, back_to


class Closed(Page):
    """A page nobody opened."""

    template_name = "web/home.html"


class Members(Page):
    """A page for members of any organization."""

    member = True
    template_name = "web/home.html"


class Providers(Page):
    """A page for providers about something only one of them may see."""

    roles = ("PROVIDER",)
    template_name = "web/home.html"

    def load(self, **kwargs: Any) -> None:
        if kwargs.get("reference") == "hidden":
            raise NotFound


class Naming(forms.Form):
    """One field."""

    name = forms.CharField(required=False)


class Name(FormPage):
    """A form whose verb refuses in every way."""

    roles = ("PROVIDER",)
    template_name = "web/design_form_for_tests.html"
    form_class = Naming
    done = "Named."
    refusals: ClassVar[dict[str, Exception]] = {
        "taken": Invalid({"name": ["Taken."], "elsewhere": ["Also wrong."]}),
        "never": NotAllowed("Not yours."),
        "late": Conflict("Too late."),
    }

    def act(self, form: forms.Form) -> str:
        name = form.cleaned_data["name"]
        if name in self.refusals:
            raise self.refusals[name]
        return f"/named/{name}"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        form = context["form"]
        shown = f"{dict(form.errors)} {form['name'].value()}"
        return HttpResponse(shown, status=kwargs.get("status", 200))


class Press(ActPage):
    """A button."""

    roles = ("PROVIDER",)
    done = "Done."

    def act(self) -> str:
        if self.kwargs.get("fail"):
            raise Conflict("Too late.")
        return "/after"


def asked(rf: RequestFactory, actor: Actor, method: str = "get", **data: Any) -> HttpRequest:
    """Return a request by `actor`."""
    request: HttpRequest = getattr(rf, method)("/somewhere/", data, headers={"Referer": "/came/"})
    request.actor = actor  # type: ignore[attr-defined]
    request.session = SessionStore()
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    return request


def answer(page: type[Page], request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Return what a page answers, rendered."""
    response = page.as_view()(request, **kwargs)
    if hasattr(response, "render"):
        response.render()
    assert isinstance(response, HttpResponse)
    return response


@pytest.mark.parametrize(
    ("page", "allowed"),
    [
        (Closed, set()),
        (Members, {"provider", "provider_viewer", "buyer", "regulator", "operator"}),
        (Providers, {"provider", "provider_viewer"}),
    ],
)
def test_pages_are_closed_until_they_name_whom_they_serve(
    page: type[Page],
    allowed: set[str],
    rf: RequestFactory,
    request: pytest.FixtureRequest,
    log: Any,
) -> None:
    cast = ["provider", "provider_viewer", "buyer", "regulator", "operator"]
    actors = {name: request.getfixturevalue(name) for name in cast}

    seen = {name: answer(page, asked(rf, actor)).status_code for name, actor in actors.items()}

    assert seen == {name: 200 if name in allowed else 403 for name in cast}
    assert log() == []


def test_who_is_not_signed_in_is_asked_to(rf: RequestFactory, anonymous: Actor) -> None:
    response = answer(Closed, asked(rf, anonymous))

    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/somewhere/"


def test_a_person_without_organization_is_told_so(rf: RequestFactory, provider: Actor) -> None:
    alone = Actor(kind=provider.kind, id=provider.id)

    response = answer(Members, asked(rf, alone))

    assert response.status_code == 403
    assert "do not act for an organization" in response.content.decode()


def test_what_may_not_be_seen_is_not_there(rf: RequestFactory, provider: Actor) -> None:
    response = answer(Providers, asked(rf, provider), reference="hidden")

    assert response.status_code == 404
    assert "Compare the reference" in response.content.decode()


def test_pages_of_signed_in_people_are_not_kept(rf: RequestFactory, provider: Actor) -> None:
    for kwargs in ({}, {"reference": "hidden"}):
        response = answer(Providers, asked(rf, provider), **kwargs)
        assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("taken", 422, ["Taken.", "Also wrong.", "taken"]),
        ("never", 403, ["Not yours.", "never"]),
        ("late", 409, ["Too late.", "late"]),
    ],
)
def test_refusals_appear_in_the_form_and_keep_the_input(
    rf: RequestFactory, provider: Actor, name: str, status: int, words: list[str]
) -> None:
    response = answer(Name, asked(rf, provider, "post", name=name))

    assert response.status_code == status
    assert all(word in response.content.decode() for word in words)


def test_a_form_that_succeeds_goes_on(rf: RequestFactory, provider: Actor) -> None:
    request = asked(rf, provider, "post", name="x")

    response = answer(Name, request)

    assert (response.status_code, response["Location"]) == (302, "/named/x")
    assert [str(message) for message in get_messages(request)] == ["Named."]
    assert answer(Name, asked(rf, provider)).status_code == 200


def test_a_form_is_closed_to_others(rf: RequestFactory, buyer: Actor) -> None:
    assert answer(Name, asked(rf, buyer, "post", name="x")).status_code == 403


def test_a_button_acts_on_post_only_and_says_what_came(
    rf: RequestFactory, provider: Actor, buyer: Actor
) -> None:
    done = asked(rf, provider, "post")
    assert answer(Press, done)["Location"] == "/after"
    assert [str(message) for message in get_messages(done)] == ["Done."]

    failed = asked(rf, provider, "post")
    assert answer(Press, failed, fail=True)["Location"] == "/came/"
    assert [str(message) for message in get_messages(failed)] == ["Too late."]

    assert answer(Press, asked(rf, provider)).status_code == 405
    assert answer(Press, asked(rf, buyer, "post")).status_code == 403


@pytest.mark.parametrize(
    ("sent", "goes"),
    [
        ("/products/?page=2", "/products/?page=2"),
        ("http://testserver/x", "http://testserver/x"),
        ("https://evil.example/x", "/"),
        ("//evil.example/x", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/came/"),
    ],
)
def test_going_back_stays_on_this_site(
    rf: RequestFactory, provider: Actor, sent: str, goes: str
) -> None:
    assert back_to(asked(rf, provider, "post", back=sent)) == goes


def test_the_page_hands_the_time_to_the_domain(rf: RequestFactory, provider: Actor) -> None:
    page = Closed()
    page.setup(asked(rf, provider))

    assert timezone.now() - page.now < timedelta(seconds=5)
