"""What the log says of evaluation sets and runs: digests and figures of size, never of rows."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("algorithms.set.sealed", label=_("evaluation set sealed"))
class SetSealed(Event):
    """Rows were sealed; `commitment` binds digest and description under a salt kept secret."""

    evaluation_set: Ref
    organization: Ref
    object: Ref
    task: str
    rows: int
    sha256: str
    commitment: str


@event("algorithms.set.retired", label=_("evaluation set retired"))
class SetRetired(Event):
    """Nothing is measured on it any more, for the reason given (it leaked, it is outdated)."""

    evaluation_set: Ref
    organization: Ref
    reason: str


@event("algorithms.set.opened", label=_("sealed rows taken out"))
class SetOpened(Event):
    """Those who sealed the rows took a copy of them."""

    evaluation_set: Ref
    organization: Ref
    purpose: str


@event("algorithms.file.handed_in", label=_("model or rows handed in for measurement"))
class FileHandedIn(Event):
    """The owner of an algorithm handed in a model or rows of its own."""

    algorithm_file: Ref
    organization: Ref
    object: Ref
    kind: str
    sha256: str


@event("algorithms.run.requested", label=_("measurement of an algorithm asked for"))
class RunRequested(Event):
    """An algorithm is to be measured; model, rows and technical part are named by digest."""

    evaluation_run: Ref
    disclosure: Ref
    evaluation_set: Ref
    organization: Ref
    kind: str
    model_sha256: str
    rows_sha256: str
    training_sha256: str
    card_sha256: str


@event("algorithms.run.started", label=_("measurement of an algorithm begun"))
class RunStarted(Event):
    """A worker took it up."""

    evaluation_run: Ref
    disclosure: Ref
    organization: Ref
    attempt: int


@event("algorithms.run.interrupted", label=_("measurement of an algorithm interrupted"))
class RunInterrupted(Event):
    """The worker fell silent; another one takes it up."""

    evaluation_run: Ref
    disclosure: Ref
    organization: Ref
    attempt: int


@event("algorithms.run.finished", label=_("algorithm measured"))
class RunFinished(Event):
    """It was measured; `evaluation` is the report in the register, empty for a rehearsal."""

    evaluation_run: Ref
    disclosure: Ref
    organization: Ref
    evaluation: Ref
    result_sha256: str


@event("algorithms.run.failed", label=_("measurement of an algorithm failed"))
class RunFailed(Event):
    """The exchange could not measure; says nothing about the algorithm."""

    evaluation_run: Ref
    disclosure: Ref
    organization: Ref
    reason: str


@event("algorithms.run.cancelled", label=_("measurement of an algorithm cancelled"))
class RunCancelled(Event):
    """It was given up before it ended."""

    evaluation_run: Ref
    disclosure: Ref
    organization: Ref
    reason: str
