"""Access under contracts: what is left of it, every time it was used, and its end."""

from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from audit.log.actors import Actor
from audit.log.errors import NotAllowed, WrongState
from exchange.delivery import queries, rules, services
from exchange.delivery.models import Access, Grant
from exchange.delivery.services import Download
from exchange.delivery.states import GRANT, Channel, Form, GrantState
from exchange.web.asking import ANSWER_COLUMNS, asked_in_words, asking
from exchange.web.calling import CALL_COLUMNS, calling, used
from exchange.web.components import Action, Column, Head
from exchange.web.forms.trade import ReasonForm, StatusFilter
from exchange.web.pages import ActPage
from exchange.web.paging import paginate
from exchange.web.trade import (
    OwnPage,
    SharedForm,
    SharedPage,
    links,
    name_of_actor,
    names_for,
    since_in_log,
    way,
)

GRANT_COLUMNS = (
    Column(label=gettext_lazy("Product")),
    Column(label=gettext_lazy("Grant")),
    Column(label=gettext_lazy("Other side")),
    Column(
        label=gettext_lazy("Used"),
        meaning=gettext_lazy("Downloads or answers taken, of those the contract gives"),
        number=True,
    ),
    Column(label=gettext_lazy("Until")),
    Column(label=gettext_lazy("Status")),
)
ACCESS_COLUMNS = (
    Column(label=gettext_lazy("Access")),
    Column(label=gettext_lazy("Taken")),
    Column(label=gettext_lazy("By")),
    Column(label=pgettext_lazy("of a file", "Form")),
    Column(
        label=gettext_lazy("Bytes sent"),
        meaning=gettext_lazy("All bytes that left, those of repeated parts included"),
        number=True,
    ),
    Column(label=gettext_lazy("Of"), meaning=gettext_lazy("Size of the file"), number=True),
    Column(label=gettext_lazy("Outcome")),
)
COLUMNS = {
    Channel.DOWNLOAD: ACCESS_COLUMNS,
    Channel.QUERY: ANSWER_COLUMNS,
    Channel.INFERENCE: CALL_COLUMNS,
}
KEY = "key"
GIVEN_UP_FROM = {GrantState.OPEN, GrantState.SUSPENDED}  # where something is left to give up


class Grants(OwnPage):
    """The grants of one side."""

    template_name = "grants/list.html"
    side: ClassVar[str]
    path_to_own: ClassVar[str]
    title: ClassVar[Any]
    summary: ClassVar[Any]
    empty: ClassVar[Any]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {self.path_to_own: self.actor.organization}
        rows = queries.grants_visible_to(self.actor).filter(**own)
        status = self.request.GET.get("status", "")
        if status in GrantState.values:
            rows = rows.filter(status=status)
        return super().get_context_data(**kwargs) | {
            "head": Head(title=self.title, summary=self.summary),
            "filters": StatusFilter(self.request.GET, choices=GrantState.choices),
            "page": paginate(rows, self.request.GET),
            "columns": GRANT_COLUMNS,
            "side": self.side,
            "empty": self.empty,
        }


class BuyerGrants(Grants):
    """What one's organization may fetch."""

    roles = ("BUYER",)
    side = "buyer"
    path_to_own = "grantee__reference"
    title = gettext_lazy("Access granted")
    summary = gettext_lazy(
        "What you may fetch or ask under your contracts, how often and until when."
    )
    empty = gettext_lazy("Nothing is open to you yet. Paying an order opens its access.")


class ProviderGrants(Grants):
    """What was opened to others under one's own products."""

    roles = ("PROVIDER",)
    side = "provider"
    path_to_own = "product__provider__reference"
    title = gettext_lazy("Access granted")
    summary = gettext_lazy(
        "Who may fetch or query your data under which contract, and what was taken."
    )
    empty = gettext_lazy("No access is open to your data. It opens when an order is paid.")


class OfGrant(SharedPage):
    """A page about one grant."""

    room = "grants"
    look = "grant"
    grant: Grant

    def load(self, **kwargs: Any) -> None:
        self.grant = queries.get_grant_for(self.actor, kwargs["reference"])
        self.stand(
            buyer=self.grant.grantee.reference,
            provider=self.grant.product.provider.reference,
        )

    @property
    def own_url(self) -> str:
        """The grant's page."""
        return reverse("grant", args=[self.grant.reference])


class GrantPage(OfGrant):
    """One grant: budget, window, every access, and the button that takes one."""

    template_name = "grants/grant.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        grant = self.grant
        accesses = list(grant.accesses.all())
        named = names_for(
            self.actor, [(access.taken_by, grant.grantee.reference) for access in accesses]
        )
        reason = rules.why_not_reach(self.actor, grant, at=self.now)
        is_asked = grant.channel == Channel.QUERY
        is_called = grant.channel == Channel.INFERENCE
        return super().get_context_data(**kwargs) | {
            "is_asked": is_asked,
            "is_called": is_called,
            "use": used(grant),
            "calling": self._calling(kwargs.get("form")) if is_called else None,
            "asking": asking(grant, self.actor, self.now, kwargs.get("form")) if is_asked else None,
            "grant": grant,
            "head": self._head(),
            "lifecycle": GRANT,
            "accesses": [self._row(access, named, may=reason is None) for access in accesses],
            "columns": COLUMNS[Channel(grant.channel)],
            "is_grantee": self.actor.organization == grant.grantee.reference,
            "hours": int(rules.RESUME_WINDOW.total_seconds() // 3600),
        }

    def _calling(self, form: Any) -> dict[str, Any]:
        place = reverse("api-inferences", args=[self.grant.reference])
        address = self.request.build_absolute_uri(place)
        return calling(self.grant, self.actor, self.now, form, address)

    def _row(self, access: Access, named: dict[str, str], *, may: bool) -> dict[str, Any]:
        resumable = may and rules.why_not_send(access, 0, at=self.now) is None
        is_answer = access.form in rules.COMPUTED_FORMS
        resume = Action(
            label=_("Fetch the file") if is_answer else _("Fetch again, or the rest"),
            url=reverse("access_link", args=[access.reference]),
        )
        return {
            "access": access,
            "who": name_of_actor(access.taken_by, named) or self.grant.grantee.name,
            "resume": resume if resumable else None,
            "asked": asked_in_words(access.question) if access.form == Form.ANSWER else None,
        }

    def _head(self) -> Head:
        grant = self.grant
        place = str(getattr(self.request, "place", ""))
        since = grant.opened_at
        if grant.status != GrantState.OPEN:
            since = since_in_log("grant", grant.reference, "delivery.grant.") or since
        return Head(
            title=grant.product.name,
            kind=_("Access"),
            reference=grant.reference,
            status=grant.status,
            status_label=grant.get_status_display(),
            since=since,
            actions=grant_actions(grant, self.actor, self.now),
            crumbs=links((_("Access"), place), (grant.order, way("order", grant.order))),
            why=links(
                (_("Order and timeline"), way("order", grant.order)),
                (_("Contract"), way("contract", grant.contract)),
            ),
        )


def grant_actions(grant: Grant, actor: Actor, at: Any) -> list[Action]:
    """Return what can be done under a grant: fetch one file or the other, or ask; give it up."""
    if actor.organization != grant.grantee.reference:
        return []
    ways = {Channel.QUERY: _ways_to_ask, Channel.INFERENCE: _ways_to_call}
    made = ways.get(Channel(grant.channel), _ways_to_fetch)(grant, actor, at)
    if grant.status in GIVEN_UP_FROM and not rules.why_not_revoke(actor, grant):
        revoke = reverse("grant_revoke", args=[grant.reference])
        made.append(Action(label=_("Give the access up"), url=revoke, post=False))
    return made


def _left(grant: Grant) -> str:
    return ngettext("%(count)d left", "%(count)d left", grant.left_downloads) % {
        "count": grant.left_downloads
    }


def _ways_to_ask(grant: Grant, actor: Actor, at: Any) -> list[Action]:
    return _way_to_form(grant, actor, at, _("Ask a question"), "#ask")


def _ways_to_call(grant: Grant, actor: Actor, at: Any) -> list[Action]:
    return _way_to_form(grant, actor, at, _("Call the model"), "#call")


def _way_to_form(grant: Grant, actor: Actor, at: Any, label: str, url: str) -> list[Action]:
    reason = rules.why_not_reach(actor, grant, at=at) or rules.why_not_take(grant)
    return [
        Action(
            label=label if reason else f"{label} – {_left(grant)}",
            url=url,
            post=False,
            main=True,
            reason=reason.words if reason else None,
        )
    ]


def _ways_to_fetch(grant: Grant, actor: Actor, at: Any) -> list[Action]:
    reason = rules.why_not_reach(actor, grant, at=at) or rules.why_not_take(grant)
    url = reverse("grant_download", args=[grant.reference])
    made = [
        Action(
            label=f"{_('Download')} – {_left(grant)}" if not reason else _("Download"),
            url=url,
            main=True,
            reason=reason.words if reason else None,
            icon="delivery",
            fields={KEY: uuid4().hex, "form": rules.fullest_form(grant.release)},
        )
    ]
    whole = grant.release.is_model or rules.fullest_form(grant.release) == Form.TABLE
    if not reason and not whole:
        made.append(
            Action(
                label=_("Download as Parquet table"),
                url=url,
                fields={KEY: uuid4().hex, "form": Form.TABLE},
            )
        )
    return made


class TakeDownload(ActPage, OfGrant):
    """Taking one download: the budget first, then on to the bytes by a link of five minutes.

    The button carries a key made when its page was shown: pressed again, or sent again, it takes
    nothing more. Runs outside any transaction, since a refusal has to stay on record.
    """

    def act(self) -> str:
        asked = self.request.POST.get("form", "")
        download = services.take_download(
            grant=self.grant,
            by=self.actor,
            at=self.now,
            form=Form(asked) if asked in Form.values else None,
            request_key=self.request.POST.get(KEY, "")[:200] or uuid4().hex,
        )
        return link_of(download)


class AccessLink(ActPage):
    """A new link to a download that was taken before; it takes nothing of the budget."""

    member = True

    def act(self) -> str:
        access = queries.get_access_for(self.actor, self.kwargs["reference"])
        return link_of(services.resume_download(access=access, by=self.actor, at=self.now))


def link_of(download: Download) -> str:
    """Return the address of the bytes of a download, signed for whoever took it."""
    token = services.issue_link(access=download.access, by=download.by, at=download.at)
    return reverse("api-bytes", args=[token])


class RevokeGrant(SharedForm, OfGrant):
    """Ending a grant for good, with a reason."""

    template_name = "orders/act.html"
    form_class = ReasonForm
    done = gettext_lazy("The access has ended.")

    def load(self, **kwargs: Any) -> None:
        super().load(**kwargs)
        if refusal := rules.why_not_revoke(self.actor, self.grant):
            raise NotAllowed(refusal)
        if self.grant.status not in GRANT.revoke.sources:
            raise WrongState(
                subject=self.grant.reference,
                status=self.grant.status,
                allowed=GRANT.allowed(self.grant.status),
            )

    def act(self, form: forms.Form) -> str:
        reason = form.cleaned_data["reason"]
        services.revoke_grant(grant=self.grant, reason=reason, by=self.actor, at=self.now)
        return self.own_url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        grant = self.grant
        head = Head(
            title=_("End the access"),
            kind=_("Access"),
            reference=grant.reference,
            status=grant.status,
            status_label=grant.get_status_display(),
            summary=_(
                "The very next request is refused, and downloads that are left are lost. The "
                "contract and what was paid stay as they are."
            ),
            crumbs=links((grant.reference, self.own_url)),
        )
        context = super().get_context_data(head=head, **kwargs)
        return context | {
            "button": _("End the access"),
            "danger": True,
            "back_url": self.own_url,
        }


urlpatterns = [
    path("buyer/grants/", BuyerGrants.as_view(), name="buyer_grants"),
    path("provider/grants/", ProviderGrants.as_view(), name="provider_grants"),
    path("grants/<str:reference>/", GrantPage.as_view(), name="grant"),
    path("grants/<str:reference>/download/", TakeDownload.as_view(), name="grant_download"),
    path("grants/<str:reference>/revoke/", RevokeGrant.as_view(), name="grant_revoke"),
    path("accesses/<str:reference>/link/", AccessLink.as_view(), name="access_link"),
]
