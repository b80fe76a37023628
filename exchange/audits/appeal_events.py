"""What the log says of appeals. Who appealed, why, and the answer are sealed under the person."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Personal, Ref, event


@event("audits.appeal.lodged", label=_("appeal against a decision of an algorithm lodged"))
class AlgorithmAppealLodged(Event):
    """Somebody affected appeals; it is answered by the end of `due_on`.

    `organization` is the owner of the algorithm, empty for the exchange itself.
    """

    algorithm_appeal: Ref
    organization: Ref
    algorithm: str
    disclosure: Ref
    decision: Ref = ""
    inference: str = ""
    wish: str
    due_on: str
    pack: str
    appellant: Personal | None = None
    grounds: Personal | None = None


@event("audits.appeal.extended", label=_("time for the answer to an appeal extended"))
class AlgorithmAppealExtended(Event):
    """The answer takes longer, once; the reason is told to who appealed."""

    algorithm_appeal: Ref
    organization: Ref
    due_on: str
    reason: Personal | None = None


@event("audits.appeal.reminded", label=_("answer to an appeal soon due"))
class AlgorithmAppealReminded(Event):
    """The time limit of the answer ends soon: the owner's, in the second instance a regulator's."""

    algorithm_appeal: Ref
    organization: Ref
    algorithm: str
    instance: int
    due_on: str


@event("audits.appeal.missed", label=_("time for the answer to an appeal missed"))
class AlgorithmAppealMissed(Event):
    """The time limit passed without an answer."""

    algorithm_appeal: Ref
    organization: Ref
    algorithm: str
    due_on: str


@event("audits.appeal.referred", label=_("appeal taken to the regulator"))
class AlgorithmAppealReferred(Event):
    """Who appealed, or a regulator of its own, took it to the second instance."""

    algorithm_appeal: Ref
    organization: Ref
    algorithm: str
    due_on: str
    reason: Personal | None = None


@event("audits.appeal.decided", label=_("appeal against a decision of an algorithm decided"))
class AlgorithmAppealDecided(Event):
    """The owner answered (instance 1), or a regulator decided (instance 2)."""

    algorithm_appeal: Ref
    organization: Ref
    algorithm: str
    decision: Ref
    outcome: str
    instance: int
    overridden: bool
    answer: Personal | None = None


@event("audits.appeal.withdrawn", label=_("appeal against a decision of an algorithm withdrawn"))
class AlgorithmAppealWithdrawn(Event):
    """Who appealed took it back."""

    algorithm_appeal: Ref
    organization: Ref
    algorithm: str


@event("audits.appeal.erased", label=_("who appealed was erased"))
class AppellantErased(Event):
    """The commitments stay, nothing opens them any more (《个人信息保护法》第四十七条)."""

    algorithm_appeal: Ref
    member: Ref
    destroyed: int
    legal_basis: str
