"""What pages are put together from: plain values that views make and templates show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from audit.log.lifecycle import Lifecycle

from .tones import ASIDE, tone_of


@dataclass(frozen=True, kw_only=True)
class Link:
    """Somewhere to go, with the words for it."""

    label: object
    url: str
    icon: str = ""
    external: bool = False


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something to do about a thing: a POST button, or a link to a form.

    A refused action carries the rule's `reason` and is shown with it instead of being hidden.
    `ask` is a question to confirm first; it works without script.
    """

    label: object
    url: str
    post: bool = True
    main: bool = False
    danger: bool = False
    reason: object = None
    ask: object = ""
    icon: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Head:
    """The head of a page: what it is, its state since when, what can be done, and why it is so."""

    title: object
    kind: object = ""
    reference: str = ""
    owner: Link | None = None
    status: str = ""
    status_label: object = ""
    lifecycle: str = ""  # its kind, where the state has a tone of its own in it
    since: datetime | None = None
    summary: object = ""
    actions: Sequence[Action] = ()
    why: Sequence[Link] = ()
    crumbs: Sequence[Link] = ()

    @property
    def main(self) -> Action | None:
        """The one main action, if it is open."""
        return next((a for a in self.actions if a.main and not a.reason), None)

    @property
    def others(self) -> list[Action]:
        """The quiet actions that are open."""
        return [a for a in self.actions if not a.reason and a is not self.main]

    @property
    def refused(self) -> list[Action]:
        """The actions that are not open, with their reasons."""
        return [a for a in self.actions if a.reason]


@dataclass(frozen=True, kw_only=True)
class Column:
    """The head of a table's column; `meaning` is shown on hover and read aloud."""

    label: object
    meaning: object = ""
    number: bool = False


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Long work: what it is doing and how far it is. Without a total it shows only that it runs."""

    what: object
    done: int = 0
    total: int | None = None
    since: datetime | None = None
    url: str = ""  # where to ask again; empty when the work is over
    failed: bool = False

    @property
    def percent(self) -> int | None:
        """How much is done, in whole percent, or None when that is not known."""
        if not self.total:
            return None
        return min(100, self.done * 100 // self.total)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One entry of a timeline, in words."""

    at: datetime
    label: object
    actor: str = ""
    organization: str = ""
    entry: str = ""
    url: str = ""
    index: int | None = None
    tone: str = "still"
    details: Sequence[tuple[object, object]] = ()


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One state on the path of a lifecycle."""

    status: str
    label: object
    place: str  # past, here, ahead or aside
    tone: str = "still"


def stages(lifecycle: Lifecycle, status: str, path: Sequence[str] = ()) -> list[Stage]:
    """Return the usual path through a lifecycle with the present state on it.

    Without a `path` it follows the first step in the table from every state, past refusals and
    early ends. A state off the path, such as a suspension, is shown beside it.
    """
    road = list(path) or _usual_path(lifecycle)
    labels = dict(lifecycle.states.choices)
    aside = status not in road
    reached = _reached_before(lifecycle, road, status) if aside else road.index(status)
    shown = []
    for number, name in enumerate(road):
        if number == reached and not aside:
            place = "here"
        else:
            place = "past" if number <= reached else "ahead"
        shown.append(Stage(status=name, label=labels[name], place=place, tone=tone_of(name)))
    if aside:
        last = Stage(status=status, label=labels[status], place="aside", tone=tone_of(status))
        shown.insert(reached + 1, last)
    return shown


def _reached_before(lifecycle: Lifecycle, road: Sequence[str], status: str) -> int:
    """Return how far along the road a thing certainly came before it went to `status`."""
    sources = {
        s for step in lifecycle.steps.values() if step.target == status for s in step.sources
    }
    return next((number for number, name in enumerate(road) if name in sources), -1)


def _usual_path(lifecycle: Lifecycle) -> list[str]:
    road = [str(lifecycle.initial)]
    while True:
        steps = (step for step in lifecycle.steps.values() if road[-1] in step.sources)
        targets = (str(step.target) for step in steps)
        onward = next((t for t in targets if t not in road and _is_onward(t)), None)
        if onward is None:
            return road
        road.append(onward)


def _is_onward(status: str) -> bool:
    return status not in ASIDE and tone_of(status) != "stop"
