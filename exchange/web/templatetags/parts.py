"""`{% load parts %}`: the larger pieces of a page, each a template under web/components."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms, template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from audit.log.events import label_of
from audit.log.lifecycle import Lifecycle
from audit.log.models import Entry
from exchange.web.components import Action, Column, Head, Moment, Progress, stages
from exchange.web.paging import CursorPage
from exchange.web.tones import tone_of

register = template.Library()
FOLDER = "web/components"
SEVERAL = (forms.CheckboxSelectMultiple, forms.RadioSelect)
EVENT_TONES = (  # last word of an event's name: tone of its mark on the timeline
    (("blocked", "refused", "rejected", "suspended", "revoked", "failed"), "stop"),
    (("held", "requested", "applied", "submitted"), "wait"),
    (("admitted", "listed", "cleared", "signed", "paid", "accepted", "settled", "filed"), "good"),
)


@register.inclusion_tag(f"{FOLDER}/head.html", takes_context=True)
def page_head(context: template.Context, head: Head) -> dict[str, Any]:
    """Show what a page is about, its state, what can be done and why it is so."""
    return {
        "head": head,
        "tone": tone_of(head.status, head.lifecycle),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag(f"{FOLDER}/action.html", takes_context=True)
def action(context: template.Context, act: Action) -> dict[str, Any]:
    """Show one action as a button, with a question before it where it asks one."""
    return {"act": act, "csrf_token": context.get("csrf_token")}


@register.simple_block_tag(takes_context=True, end_name="endtable")
def table(
    context: template.Context,
    content: str,
    columns: Sequence[Column],
    caption: Any,
    empty: Any = "",
    empty_action: Action | None = None,
    export: str = "",
    filterable: bool = False,  # noqa: FBT001, FBT002  a word in the template
) -> SafeString:
    """Show rows under a head that stays; without rows, what to do instead.

    The content is the body's rows. `filterable` offers a quick filter of the rows shown.
    """
    return render_to_string(
        f"{FOLDER}/table.html",
        {
            "rows": SafeString(content),
            "full": bool(content.strip()),
            "columns": columns,
            "caption": caption,
            "empty": empty or _("There is nothing here yet."),
            "empty_action": empty_action,
            "export": export,
            "filterable": filterable,
            "csrf_token": context.get("csrf_token"),
        },
    )


@register.inclusion_tag(f"{FOLDER}/pager.html")
def pager(page: CursorPage[Any]) -> dict[str, Any]:
    """Show the ways to the pages before and after."""
    return {"page": page}


@register.inclusion_tag(f"{FOLDER}/filters.html")
def filter_bar(form: forms.Form, summary: Any = "") -> dict[str, Any]:
    """Show a form of filters that live in the address; it works by GET and without script."""
    set_ = [field for field in form if field.value() not in (None, "", [], False)]
    return {"form": form, "summary": summary, "any": bool(set_)}


@register.inclusion_tag(f"{FOLDER}/field.html")
def field(bound: forms.BoundField, article: Any = "", note: Any = "") -> dict[str, Any]:
    """Show a field: label, explanation with the article of law, input, and its errors.

    A form may set `article` on its fields instead.
    """
    widget = bound.field.widget
    explained = note or bound.help_text
    cited = article or getattr(bound.field, "article", "")
    notes = [
        f"{bound.auto_id}_{name}"
        for name, present in (("help", explained or cited), ("error", bound.errors))
        if present
    ]
    attributes: dict[str, Any] = {}
    if notes and not isinstance(widget, SEVERAL):
        attributes["aria-describedby"] = " ".join(notes)
    return {
        "bound": bound,
        "input": bound.as_widget(attrs=attributes),
        "group": isinstance(widget, SEVERAL),
        "tick": isinstance(widget, forms.CheckboxInput),
        "help": explained,
        "article": cited,
        "notes": " ".join(notes),
    }


@register.inclusion_tag(f"{FOLDER}/fields.html")
def form_fields(form: forms.Form) -> dict[str, Any]:
    """Show all fields of a form, with what is wrong said above and at each field."""
    return {"form": form}


@register.inclusion_tag(f"{FOLDER}/progress.html")
def progress(job: Progress) -> dict[str, Any]:
    """Show how far long work is; it asks again by itself while `job.url` is set."""
    return {"job": job}


@register.inclusion_tag(f"{FOLDER}/stepper.html")
def stepper(lifecycle: Lifecycle, status: str, path: Sequence[str] = ()) -> dict[str, Any]:
    """Show the path of a lifecycle and where on it a thing is."""
    return {"stages": stages(lifecycle, status, path)}


@register.inclusion_tag(f"{FOLDER}/timeline.html")
def timeline(moments: Sequence[Moment]) -> dict[str, Any]:
    """Show entries of the log as a timeline."""
    return {"moments": moments}


def moments_of(
    entries: Sequence[Entry],
    *,
    people: Mapping[str, str] | None = None,
    organizations: Mapping[str, str] | None = None,
    entry_url: str = "",
) -> list[Moment]:
    """Return log entries as moments of a timeline; names replace pseudonyms where given.

    `entry_url` is the address of an entry with {id} in it.
    """
    return [
        Moment(
            at=entry.occurred_at,
            label=label_of(entry.name),
            actor=(people or {}).get(entry.actor, entry.actor),
            organization=(organizations or {}).get(entry.organization, entry.organization),
            entry=str(entry.id),
            url=entry_url.replace("{id}", str(entry.id)),
            index=entry.leaf.index if hasattr(entry, "leaf") else None,
            tone=tone_of_event(entry.name),
        )
        for entry in entries
    ]


def tone_of_event(name: str) -> str:
    """Return how an event is marked on a timeline, by the last word of its name."""
    last = name.rpartition(".")[2]
    return next((tone for endings, tone in EVENT_TONES if last in endings), "still")
