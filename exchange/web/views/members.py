"""The people who act for an organization."""

from typing import Any

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import Invalid, NotAllowed
from exchange.parties import rules, services
from exchange.parties.models import Member
from exchange.parties.queries import (
    find_user,
    get_member_for,
    members_visible_to,
)
from exchange.parties.states import (
    MemberRole,
)
from exchange.web.components import Action, Column, Head
from exchange.web.pages import ActPage, FormPage

from .organization import OwnOrganization

MEMBER_COLUMNS = (
    Column(label=gettext_lazy("Name")),
    Column(label=gettext_lazy("E-mail")),
    Column(label=gettext_lazy("Place")),
    Column(label=gettext_lazy("Since")),
    Column(label=""),
)


class AddForm(forms.Form):
    """A person to act for the organization."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("The person signs up first; then you add the account here."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Place"),
        help_text=gettext_lazy(
            "A viewer looks. A trader acts: uploads, orders, pays. An administrator also signs "
            "contracts and administers members and tokens."
        ),
        choices=MemberRole.choices,
        initial=MemberRole.TRADER,
    )


class Members(OwnOrganization, FormPage):
    """The people who act for the organization."""

    form_class = AddForm
    template_name = "organization/members.html"
    done = gettext_lazy("The person acts for your organization now.")

    def act(self, form: forms.Form) -> str:
        if self.refusal:
            raise NotAllowed(self.refusal)
        person = find_user(form.cleaned_data["email"])
        if person is None:
            raise Invalid(
                {"email": [_("There is no account with this address. Ask the person to sign up.")]}
            )
        services.add_member(
            organization=self.organization,
            user=person,
            role=form.cleaned_data["role"],
            by=self.actor,
            at=self.now,
        )
        return reverse("organization_members")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = members_visible_to(self.actor).filter(organization=self.organization)
        return super().get_context_data(
            head=Head(
                title=_("Members"),
                kind=self.organization.name,
                summary=_("The people who act for the organization, and how far."),
            ),
            refusal=self.refusal,
            rows=[self._row(member) for member in found.order_by("since", "pk")],
            columns=MEMBER_COLUMNS,
            roles=MemberRole.choices,
            **kwargs,
        )

    def _row(self, member: Member) -> dict[str, Any]:
        place = [str(member.user.public_id)]
        own = member.user.actor_id == self.actor.id
        words = (
            _("You leave the organization; the tokens you issued for it are revoked.")
            if own
            else _("The person loses access at once; the tokens it issued are revoked.")
        )
        return {
            "member": member,
            "own": own,
            "change": reverse("organization_member_role", args=place),
            "remove": Action(
                label=_("Leave") if own else _("Remove"),
                url=reverse("organization_member_remove", args=place),
                danger=True,
                ask=words,
                reason=rules.why_not_remove(self.actor, member),
            ),
        }


class OfMember(OwnOrganization, ActPage):
    """A button about one member."""

    person: Member

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        self.person = get_member_for(self.actor, self.organization.reference, kwargs["member"])


class ChangeRole(OfMember):
    """Give a member another place."""

    done = gettext_lazy("The place is changed; it holds from the person's next request on.")

    def act(self) -> str:
        role = self.request.POST.get("role", "")
        services.change_member_role(member=self.person, role=role, by=self.actor, at=self.now)
        return reverse("organization_members")


class RemoveMember(OfMember):
    """End a membership."""

    done = gettext_lazy("The membership is ended.")

    def act(self) -> str:
        services.remove_member(member=self.person, by=self.actor, at=self.now)
        own = self.person.user.actor_id == self.actor.id
        return reverse("console" if own else "organization_members")


PLACE = "organization/members/<str:member>"
urlpatterns = [
    path("organization/members/", Members.as_view(), name="organization_members"),
    path(f"{PLACE}/role/", ChangeRole.as_view(), name="organization_member_role"),
    path(f"{PLACE}/remove/", RemoveMember.as_view(), name="organization_member_remove"),
]
