"""The credentials of an organization: tokens of its machines."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import DomainError, Invalid, NotAllowed, NotFound
from exchange.parties import services
from exchange.parties.queries import (
    get_token_for,
    tokens_visible_to,
)
from exchange.parties.scopes import SCOPES_OF_ROLE
from exchange.parties.states import (
    TokenScope,
)
from exchange.web.components import Action, Column, Head
from exchange.web.pages import ActPage, FormPage, put_errors

from .organization import OwnOrganization

TOKEN_COLUMNS = (
    Column(label=gettext_lazy("Token")),
    Column(label=gettext_lazy("Scopes")),
    Column(label=gettext_lazy("Issued by")),
    Column(label=gettext_lazy("Expires")),
    Column(label=gettext_lazy("Last used")),
    Column(label=""),
)


class TokenForm(forms.Form):
    """What a new token shall reach, and until when."""

    label = forms.CharField(
        label=gettext_lazy("Used for"),
        help_text=gettext_lazy("How you tell it from others, such as the name of a program."),
        max_length=100,
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        choices=TokenScope.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("A year from today at the latest."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class Tokens(OwnOrganization, FormPage):
    """Credentials of machines; a secret is shown once, when it is made."""

    form_class = TokenForm
    template_name = "organization/tokens.html"

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        if self.refusal:
            raise NotAllowed(self.refusal)

    def initial(self) -> dict[str, Any]:
        return {
            "expires_on": timezone.localdate() + timedelta(days=90),
            "scopes": [TokenScope.READ.value],
        }

    def get_form(self) -> forms.Form:
        form = super().get_form()
        open_to = {TokenScope.READ}.union(
            *(SCOPES_OF_ROLE[role] for role in self.organization.roles)
        )
        scopes = form.fields["scopes"]
        if isinstance(scopes, forms.MultipleChoiceField):
            scopes.choices = [pair for pair in TokenScope.choices if pair[0] in open_to]
        return form

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Issue a token; its secret stands in this one answer, which nothing keeps."""
        form = self.get_form()
        if form.is_valid():
            end = datetime.combine(form.cleaned_data["expires_on"], time.max)
            try:
                token, secret = services.issue_token(
                    organization=self.organization,
                    scopes=form.cleaned_data["scopes"],
                    expires_at=timezone.make_aware(end),
                    label=form.cleaned_data["label"],
                    by=self.actor,
                    at=self.now,
                )
            except DomainError as error:
                put_errors(form, _at_day(error))
            else:
                fresh = self.form_class(initial=self.initial())
                context = self.get_context_data(token=token, secret=secret, form=fresh)
                response = self.render_to_response(context)
                add_never_cache_headers(response)
                return response
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = tokens_visible_to(self.actor).filter(organization=self.organization)
        return super().get_context_data(
            head=Head(
                title=_("API tokens"),
                kind=self.organization.name,
                summary=_(
                    "With a token a program acts for your organization over REST, within the "
                    "token's scopes and your own place."
                ),
            ),
            rows=[
                {
                    "token": row,
                    "over": row.revoked_at is not None or row.expires_at <= self.now,
                    "scopes": [TokenScope(scope).label for scope in row.scopes],
                    "revoke": Action(
                        label=_("Revoke"),
                        url=reverse("organization_token_revoke", args=[row.prefix]),
                        danger=True,
                        ask=_("Programs that use it are refused from the next request on."),
                    ),
                }
                for row in found
            ],
            columns=TOKEN_COLUMNS,
            **kwargs,
        )


def _at_day(error: DomainError) -> DomainError:
    """Show what is wrong with the end at the field of the day."""
    if not isinstance(error, Invalid):
        return error
    return Invalid(
        {("expires_on" if name == "expires_at" else name): v for name, v in error.fields.items()}
    )


class RevokeToken(OwnOrganization, ActPage):
    """End a token at once."""

    done = gettext_lazy("The token is revoked.")

    def act(self) -> str:
        token = get_token_for(self.actor, self.kwargs["prefix"])
        if token.organization_id != self.organization.pk:
            raise NotFound
        services.revoke_token(token=token, by=self.actor, at=self.now)
        return reverse("organization_tokens")


urlpatterns = [
    path("organization/tokens/", Tokens.as_view(), name="organization_tokens"),
    path(
        "organization/tokens/<str:prefix>/revoke/",
        RevokeToken.as_view(),
        name="organization_token_revoke",
    ),
]
