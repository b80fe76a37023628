"""Publishing rule packs, so that the log says which rules were binding when."""

from datetime import datetime

from django.db import transaction

from audit.log.actors import Actor
from audit.log.errors import Conflict, NotAllowed
from audit.log.lifecycle import begin
from audit.rulebook import queries, rules
from audit.rulebook.events import PackPublished
from audit.rulebook.models import RulePack
from audit.rulebook.states import PackState


@transaction.atomic
def publish_packs(*, by: Actor, at: datetime) -> list[RulePack]:
    """Publish every pack file that the log does not know yet.

    Raises Conflict when a published version's text was changed afterwards: rules get a new version,
    they are never rewritten.
    """
    if refusal := rules.why_not_publish(by):
        raise NotAllowed(refusal)
    known = dict(RulePack.objects.values_list("reference", "sha256"))
    published = []
    for kind in queries.list_kinds():
        for pack in queries.file_packs(kind):
            if pack.label in known:
                if known[pack.label] != pack.digest:
                    msg = f"{pack.label} was changed after it was published; make a new version"
                    raise Conflict(msg)
                continue
            published.append(_publish(pack, by=by, at=at))
    return published


def _publish(pack: queries.Pack, *, by: Actor, at: datetime) -> RulePack:
    row = RulePack.objects.create(
        reference=pack.label,
        kind=pack.kind,
        effective_on=pack.effective_on,
        sha256=pack.digest,
        status=PackState.PUBLISHED,
        created_at=at,
    )
    event = PackPublished(pack=pack.label, effective_on=pack.version, sha256=pack.digest)
    begin(row, event=event, by=by, at=at)
    return row
