"""The transparency log for everybody; entries and receipts for those whom they concern."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.errors import NotFound
from audit.log.events import label_of
from audit.log.models import Checkpoint, Entry
from audit.log.queries import get_entry, latest_checkpoint, state_of
from audit.log.receipts import NotPublished, receipt_for
from audit.log.signing import get_signer
from audit.log.states import EntryState
from exchange.oversight.queries import entries_visible_to
from exchange.web.components import Action, Column, Head, Link
from exchange.web.navigation import address
from exchange.web.pages import Page
from exchange.web.paging import paginate
from exchange.web.timelines import worded_moments
from exchange.web.words import FIELDS, KINDS

from .inspection import Inspection

CHECKPOINT_COLUMNS = (
    Column(label=gettext_lazy("Entries"), number=True),
    Column(label=gettext_lazy("Signed")),
    Column(label=gettext_lazy("Root hash")),
)
SIGNERS: Final = (
    ("log", gettext_lazy("checkpoints of the log")),
    ("appraisal", gettext_lazy("appraisals")),
    ("screening", gettext_lazy("screening reports")),
    ("contract", gettext_lazy("contracts, for the platform")),
    ("certificate", gettext_lazy("trade certificates")),
    ("disclosure", gettext_lazy("algorithm disclosures")),
)
TONES: Final = {
    EntryState.PENDING: "wait",
    EntryState.SEQUENCED: "moving",
    EntryState.PUBLISHED: "good",
}


class LookUpForm(forms.Form):
    """The public id of an entry."""

    entry = forms.UUIDField(
        label=gettext_lazy("Entry"),
        help_text=gettext_lazy("Its id, as timelines and documents name it."),
        required=False,
    )


class PublicLog(Page):
    """The head of the log, the key that checks it, and how to check everything without us."""

    public = True
    template_name = "registers/log.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the head, or go to the entry that was looked for."""
        form = LookUpForm(request.GET)
        if form.is_valid() and form.cleaned_data["entry"]:
            return HttpResponseRedirect(reverse("log_entry", args=[form.cleaned_data["entry"]]))
        return super().get(request, *args, form=form, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = latest_checkpoint()
        page = paginate(Checkpoint.objects.all(), self.request.GET, order=("-pk",), size=15)
        return super().get_context_data(
            head=Head(
                title=_("Transparency log"),
                kind=_("Public register"),
                summary=_(
                    "Every act on the exchange is an entry of one append-only log. Its signed "
                    "head commits to all of them: nothing can be changed or taken out unnoticed."
                ),
            ),
            checkpoint=head,
            root=bytes(head.root).hex() if head else "",
            keys=[(label, get_signer(purpose).verifier_key) for purpose, label in SIGNERS],
            verifier_key=get_signer("log").verifier_key,
            checkpoint_url=reverse("log-checkpoint", args=[head.log.period]) if head else "",
            page=page,
            rows=[{"row": row, "root": bytes(row.root).hex()} for row in page],
            columns=CHECKPOINT_COLUMNS,
            **kwargs,
        )


class OfEntry(Inspection):
    """A page about one entry, for those whom it concerns; who watches states a purpose."""

    member = True
    entry: Entry

    def load(self, **kwargs: Any) -> None:
        entry = get_entry(kwargs["identity"])
        if not entries_visible_to(self.actor).filter(pk=entry.pk).exists():
            raise NotFound
        self.entry = entry

    def subject(self) -> tuple[str, str]:
        return "entry", str(self.entry.id)


class LogEntry(OfEntry):
    """One entry: what it says, word for word, and how far it has come into the signed log."""

    template_name = "registers/entry.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entry = self.entry
        state = state_of(entry)
        document = json.loads(bytes(entry.data))
        index = entry.leaf.index if hasattr(entry, "leaf") else None
        moment = worded_moments(self.actor, [entry])[0]
        refs = list(entry.refs.order_by("pk").values_list("kind", "reference"))
        return super().get_context_data(
            head=Head(
                title=str(label_of(entry.name)).capitalize(),
                kind=_("Log entry"),
                reference=str(entry.id),
                status=state,
                status_label=state.label,
                since=entry.occurred_at,
                actions=[
                    Action(
                        label=_("Download the receipt"),
                        url=reverse("log_receipt", args=[entry.id]),
                        post=False,
                        main=True,
                        icon="proof",
                        reason=None
                        if state == EntryState.PUBLISHED
                        else _("No signed checkpoint covers it yet; ask again in a few seconds."),
                    )
                ],
                crumbs=[Link(label=_("Transparency log"), url=reverse("log_public"))],
            ),
            entry=entry,
            index=index,
            moment=moment,
            body=_rest(document["body"], refs),
            refs=[(KINDS.get(kind, kind), value, _there(kind, value)) for kind, value in refs],
            leaf_hash=bytes(entry.leaf_hash).hex(),
            text=json.dumps(document, ensure_ascii=False, indent=2),
            **kwargs,
        )


def _rest(body: Mapping[str, Any], refs: Sequence[tuple[str, str]]) -> list[tuple[object, Any]]:
    """Return what an entry says beside the things it names; machine words stay recognizable."""
    return [
        (FIELDS.get(name) or format_html("<code>{}</code>", name), value)
        for name, value in body.items()
        if (name, value) not in refs
    ]


ROUTES: Final = {
    "product": "product",
    "order": "order",
    "contract": "contract",
    "inquiry": "inquiry",
    "negotiation": "negotiation",
    "engagement": "engagement",
    "grant": "grant",
    "certificate": "certificate",
    "screening": "screening",
    "appraisal": "appraisal",
    "disclosure": "algorithm",
}


def _there(kind: str, reference: str) -> str:
    route = ROUTES.get(kind)
    return address(route, reference) if route else ""


class Receipt(OfEntry):
    """The receipt of one entry, as a file that proves it without us."""

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Send the receipt."""
        try:
            receipt = receipt_for(self.entry)
        except NotPublished:
            return HttpResponseRedirect(reverse("log_entry", args=[self.entry.id]))
        name = f'attachment; filename="{self.entry.id}.tlog-proof"'
        return HttpResponse(
            receipt,
            content_type="text/plain; charset=utf-8",
            headers={"Content-Disposition": name},
        )


urlpatterns = [
    path("log/", PublicLog.as_view(), name="log_public"),
    path("log/entries/<uuid:identity>/", LogEntry.as_view(), name="log_entry"),
    path("log/entries/<uuid:identity>/receipt/", Receipt.as_view(), name="log_receipt"),
]
