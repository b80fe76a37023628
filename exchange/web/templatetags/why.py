"""`{% load why %}`: from a thing that an algorithm decided about to the page of its reasons."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from audit.decisions.queries import visible_to

AUTHORITIES = ("OPERATOR", "REGULATOR")

register = template.Library()


@register.simple_tag(takes_context=True)
def why(context: template.Context, kind: str, reference: str) -> SafeString | str:
    """Link to the last decision of each algorithm about a thing, for those who may read it.

    On a public page an authority is shown no more than anybody; it looks on its own pages.
    """
    request: Any = context.get("request")
    if request is None or not reference:
        return ""
    if getattr(context.get("view"), "public", False) and request.actor.has_role(*AUTHORITIES):
        return ""
    rows = visible_to(request.actor).filter(subject_kind=kind, subject=reference)
    last = {row.algorithm: row for row in reversed(list(rows[:8]))}
    if not last:
        return ""
    links = format_html_join(
        " · ",
        '<a href="{}">{}</a>',
        ((reverse("decision", args=[row.reference]), row.disclosure.name) for row in last.values()),
    )
    return format_html('<p class="quiet why">{} {}</p>', _("Why this?"), links)
