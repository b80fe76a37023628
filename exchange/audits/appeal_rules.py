"""Who may appeal against an algorithm, follow, answer and decide an appeal."""

from django.utils.translation import gettext as _

from audit.log.actors import Actor, ActorKind

from .models import AlgorithmAppeal
from .rules import answers_for
from .states import AppealState


def person_of(actor: Actor) -> str:
    """Return the public id of the person behind an actor, or nothing."""
    name = actor.on_behalf_of or actor.id
    return name.removeprefix("user:") if name.startswith("user:") else ""


def why_not_lodge(actor: Actor, owner: str) -> str | None:
    """Let anybody appeal but who answers for the algorithm, and no machine."""
    if actor.is_system:
        return _("An appeal is lodged by who is affected.")
    if actor.is_identified and answers_for(actor, owner):
        return _("Nobody appeals against its own algorithm; change it instead.")
    if actor.has_role("REGULATOR"):
        return _("A regulator has its own powers.")
    if actor.is_identified and actor.organization and not actor.may_write:
        return _("Your place in the organization lets you look, not act; ask its administrator.")
    return None


def is_appellant(actor: Actor, appeal: AlgorithmAppeal) -> bool:
    """Whether the actor is who appealed: the person, or its organization."""
    if appeal.organization and actor.organization == appeal.organization:
        return True
    return actor.kind == ActorKind.USER and person_of(actor) == appeal.person


def why_not_know(actor: Actor, appeal: AlgorithmAppeal) -> str | None:
    """Keep who appealed from who answers: the matter is enough to answer it."""
    if actor.has_role("REGULATOR") or is_appellant(actor, appeal):
        return None
    return _("Who appealed is not told to the owner of the algorithm.")


def why_not_pursue(actor: Actor, appeal: AlgorithmAppeal, *, with_receipt: bool) -> str | None:
    """Let who appealed take it back or further: by account, or by the receipt's secret."""
    acts = actor.may_write or not actor.organization
    if with_receipt or (is_appellant(actor, appeal) and acts):
        return None
    return _("Only who appealed does this.")


def why_not_refer(actor: Actor, appeal: AlgorithmAppeal, *, with_receipt: bool) -> str | None:
    """Let who appealed go on to the regulator, or a regulator take an appeal up; once."""
    if appeal.instance > 1:
        return _("A regulator decided already.")
    if actor.has_role("REGULATOR") and actor.may_write:
        return None
    return why_not_pursue(actor, appeal, with_receipt=with_receipt)


def why_not_extend(actor: Actor, appeal: AlgorithmAppeal) -> str | None:
    """Let the owner take more time, once, before the first time is over."""
    if refusal := why_not_decide(actor, appeal):
        return refusal
    if appeal.extended_on:
        return _("The time was extended once already.")
    if appeal.status != AppealState.LODGED:
        return _("Only a time limit that still runs is extended.")
    return None


def why_not_decide(actor: Actor, appeal: AlgorithmAppeal) -> str | None:
    """Let the owner answer in the first instance, and a regulator in the second."""
    if appeal.status == AppealState.REFERRED:
        if not actor.has_role("REGULATOR"):
            return _("The appeal lies before the regulator.")
    elif not answers_for(actor, appeal.owner):
        return _("Only the owner of the algorithm answers.")
    if is_appellant(actor, appeal):
        return _("Who appealed does not answer.")
    if not actor.may_write:
        return _("Your place in the organization lets you look, not act; ask its administrator.")
    return None


def appeal_actions(
    actor: Actor, appeal: AlgorithmAppeal, *, with_receipt: bool = False
) -> list[str]:
    """Return the verbs open to the actor on an appeal now, for both faces."""
    allowed = appeal.lifecycle.allowed(appeal.status)
    answer = why_not_decide(actor, appeal) is None and "reject" in allowed
    refer = why_not_refer(actor, appeal, with_receipt=with_receipt) is None
    pursue = why_not_pursue(actor, appeal, with_receipt=with_receipt) is None
    open_to = {
        "answer": answer,
        "extend": answer and why_not_extend(actor, appeal) is None,
        "refer": refer and "refer" in allowed,
        "withdraw": pursue and "withdraw" in allowed,
    }
    return [verb for verb, is_open in open_to.items() if is_open]
