"""The story's thread: who takes part, what was made so far, and the log catching up."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from audit.log.actors import Actor
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from exchange.trading.models import Order

from .telling import Teller
from .witnesses import Witnesses

INSTALLER = Actor.system("installation")


@dataclass
class Story:
    """The story and what it has made so far."""

    teller: Teller
    workdir: Path
    witnesses: Witnesses
    actors: dict[str, Actor] = field(default_factory=dict)
    organizations: dict[str, Organization] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    order: Order | None = None

    @property
    def now(self) -> datetime:
        """The instant of the next act."""
        return timezone.now()

    def settle_log(self) -> None:
        """Let the log catch up: sequence, react, publish."""
        dispatch(at=self.now)
        publish(at=self.now)

    @property
    def placed(self) -> Order:
        """The order, as it is now."""
        if self.order is None:
            msg = "the story has no order yet"
            raise LookupError(msg)
        self.order.refresh_from_db()
        return self.order
