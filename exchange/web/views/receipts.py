"""Receipts for the regulator: proofs that are verified without the exchange."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from audit.log.models import Entry
from audit.log.queries import current_log, get_entry, latest_checkpoint, state_of
from audit.log.receipts import NotPublished, receipt_for
from audit.log.signing import get_signer
from audit.log.states import EntryState
from audit.log.tiles import CHECKPOINT, TileStore
from exchange.web.components import Head
from exchange.web.forms.decisions import EntryForm
from exchange.web.pages import Page, refuse

from .inspection import Inspection


class LogDesk(Inspection):
    """Receipts of entries, and how they are verified on another machine."""

    roles = ("REGULATOR",)
    template_name = "regulator/log.html"
    entry: Entry | None = None

    def load(self, **_kwargs: Any) -> None:
        self.form = EntryForm(self.request.GET if "entry" in self.request.GET else None)
        if self.form.is_bound and self.form.is_valid():
            rows = Entry.objects.select_related("leaf")
            self.entry = rows.filter(id=self.form.cleaned_data["entry"]).first()
            if self.entry is None:
                self.form.add_error("entry", _("The log has no entry with this id."))

    @property
    def inspects(self) -> bool:
        """The page itself is no look at anything; an entry on it is."""
        return self.entry is not None and super().inspects

    def subject(self) -> tuple[str, str]:
        return "entry", str(self.entry.id) if self.entry else ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entry = self.entry
        state = state_of(entry) if entry else None
        head = Head(
            title=_("Log and receipts"),
            kind=_("Regulator"),
            summary=_(
                "A receipt proves, without the exchange and on any machine, that an entry stands "
                "in the signed log."
            ),
        )
        return super().get_context_data(
            head=head,
            form=self.form,
            entry=entry,
            state=state,
            published=state == EntryState.PUBLISHED,
            checkpoint=latest_checkpoint(),
            key=get_signer("log").verifier_key,
            **kwargs,
        )


class Receipt(Inspection):
    """The receipt of one entry as a file (C2SP tlog-proof), which encloses the entry."""

    roles = ("REGULATOR",)
    entry: Entry

    def load(self, **kwargs: UUID) -> None:
        self.entry = get_entry(kwargs["identity"])

    def subject(self) -> tuple[str, str]:
        return "entry", str(self.entry.id)

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Send it; while no checkpoint covers the entry, say so."""
        try:
            text = receipt_for(self.entry)
        except NotPublished as wait:
            return refuse(request, wait)
        return _download(text.encode(), f"{self.entry.id}.tlog-proof")


class CheckpointFile(Page):
    """The newest signed checkpoint as a file, to keep and compare."""

    roles = ("REGULATOR",)

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Send the note as it is published."""
        log = current_log()
        note = TileStore.of_period(log.period).read(CHECKPOINT) if log else None
        if note is None:
            return refuse(request, NotPublished())
        return _download(note, "checkpoint")


def _download(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/plain; charset=utf-8", headers=headers)


urlpatterns = [
    path("regulator/log/", LogDesk.as_view(), name="regulator_log"),
    path("regulator/log/checkpoint", CheckpointFile.as_view(), name="regulator_checkpoint"),
    path("regulator/log/<uuid:identity>/receipt", Receipt.as_view(), name="regulator_receipt"),
]
