"""Sign-in with django-allauth: its accounts are ours, its mails speak the reader's language."""

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from audit.log.actors import Actor
from exchange.parties.models import User
from exchange.parties.services import register_user
from exchange.parties.states import Language


class SignupForm(forms.Form):
    """What a person states beside the e-mail address and the password."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        help_text=_("Shown to the members of your organization; it never enters the log."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("name", "email", "password1", "password2")

    def signup(self, request: HttpRequest, user: User) -> None:
        """Do nothing more: the account was made by `AccountAdapter.save_user`."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Makes accounts by our own verb, so that each has its entry in the log."""

    def save_user(
        self,
        request: HttpRequest,
        user: User,  # noqa: ARG002  allauth's empty one; ours is made by the verb
        form: forms.Form,
        commit: bool = True,  # noqa: ARG002, FBT001, FBT002  allauth's signature
    ) -> User:
        stated = form.cleaned_data
        return register_user(
            email=stated["email"],
            name=stated.get("name", ""),
            language=_offered(translation.get_language()),
            password=stated.get("password1"),
            by=Actor.anonymous(request_id=getattr(request, "request_id", "")),
            at=timezone.now(),
        )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        reader = context.get("user") or User.objects.filter(email=email.lower()).first()
        language = reader.language if reader else translation.get_language()
        with translation.override(language):
            named = context | {"exchange_name": settings.EXCHANGE_NAME}
            super().send_mail(template_prefix, email, named)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember_language(response, user.language)
        return response


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps the secrets of second factors encrypted under a key made from SECRET_KEY."""

    @cached_property
    def _cipher(self) -> Fernet:
        derived = HKDF(
            algorithm=hashes.SHA256(), length=32, salt=None, info=b"quanheng second factors"
        ).derive(settings.SECRET_KEY.encode())
        return Fernet(base64.urlsafe_b64encode(derived))

    def encrypt(self, text: str) -> str:
        return self._cipher.encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._cipher.decrypt(encrypted_text.encode()).decode()


def remember_language(response: HttpResponse, language: str) -> None:
    """Keep the language in the cookie that the next request is answered by."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _offered(language: str | None) -> str:
    return language if language in Language.values else Language.ENGLISH
