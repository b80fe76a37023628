"""Mails to those whose trade new rules have stopped: the provider, and buyers with open accesses.

A mail names the product, the rules and their basis, never what stands in the data. Its Message-ID
follows from the entry and the person: a crash repeats the same mail, which readers show once.
"""

import hashlib
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from audit.log.models import Entry
from exchange.catalog.models import Release
from exchange.compliance.events import ReleaseStopped
from exchange.delivery.models import Grant
from exchange.delivery.states import GrantState
from exchange.parties.models import Member, User
from exchange.parties.states import MemberRole

RUNNING = (GrantState.OPEN, GrantState.SUSPENDED, GrantState.EXHAUSTED)


def tell_of_stop(*, entry: Entry, event: ReleaseStopped, at: datetime) -> int:
    """Tell provider and buyers that a release was stopped; return how many mails were sent."""
    release = Release.objects.select_related("product__provider").get(reference=event.release)
    sent = 0
    for member in acting_for(release.product.provider_id):
        send_notice(member.user, entry, _to_provider(member.user, release, event))
        sent += 1
    grants = Grant.objects.filter(release=release, status__in=RUNNING, valid_until__gt=at)
    for grant in grants.order_by("pk"):
        for member in acting_for(grant.grantee_id):
            words = _to_buyer(member.user, release, event, grant)
            send_notice(member.user, entry, words, about=grant.reference)
            sent += 1
    return sent


def acting_for(organization: int) -> list[Member]:
    """Return the persons who act for an organization, none who only look."""
    members = Member.objects.filter(organization=organization, user__is_active=True)
    acting = members.exclude(role=MemberRole.VIEWER).select_related("user")
    return list(acting.order_by("pk"))


def _to_provider(user: User, release: Release, event: ReleaseStopped) -> tuple[str, str]:
    with translation.override(user.language):
        said = _said(release, event) | {"link": link_to(f"provider/releases/{release.reference}/")}
        return _("%(exchange)s: new rules stop your product %(product)s") % said, _(
            "Your product %(name)s (%(product)s) was screened again under the rules %(pack)s and "
            "no longer passes.\n\nRelease: %(release)s\nRules: %(rules)s\nReason and legal basis: "
            "%(reason)s\n\nAccess to it is refused from now on. What was found and what to do is "
            "on the page of the release:\n%(link)s"
        ) % said


def _to_buyer(user: User, release: Release, event: ReleaseStopped, grant: Grant) -> tuple[str, str]:
    with translation.override(user.language):
        said = _said(release, event) | {
            "grant": grant.reference,
            "order": grant.order,
            "link": link_to(f"grants/{grant.reference}/"),
        }
        return _("%(exchange)s: access to %(product)s is stopped") % said, _(
            "The product %(name)s (%(product)s), which your order %(order)s opens, no longer "
            "passes under the rules %(pack)s.\n\nReason and legal basis: %(reason)s\n\nAccess "
            "%(grant)s is refused until the release passes again. Your order and its money are as "
            "they were; you may dispute or end it under the contract:\n%(link)s"
        ) % said


def _said(release: Release, event: ReleaseStopped) -> dict[str, str]:
    product = release.product
    return {
        "exchange": settings.EXCHANGE_NAME,
        "name": product.name,
        "product": product.reference,
        "release": release.reference,
        "pack": event.pack,
        "rules": event.rules.replace(",", ", ") or event.outcome,
        "reason": product.status_reason or release.status_reason or event.outcome,
    }


def link_to(path: str) -> str:
    """Return the full address of a page."""
    return f"{settings.BASE_URL.rstrip('/')}/{path}"


def send_notice(user: User, entry: Entry, words: tuple[str, str], *, about: str = "") -> None:
    """Send subject and body to a person, under a Message-ID that a repetition shares."""
    said = f"{entry.id} {user.pk} {about}"
    mark = hashlib.sha256(said.encode()).hexdigest()[:32]
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    EmailMessage(
        subject=words[0],
        body=words[1],
        to=[user.email],
        headers={"Message-ID": f"<{mark}@{domain}>", "Auto-Submitted": "auto-generated"},
    ).send()
