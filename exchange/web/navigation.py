"""The consoles and their rooms: one table that the side navigation and the header read.

A room appears as soon as a route of its name exists.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.log.actors import Actor


@dataclass(frozen=True, kw_only=True)
class Room:
    """One page of a console: the name of its route, its label and its icon."""

    route: str
    label: str | Promise
    icon: str = "dot"


@dataclass(frozen=True, kw_only=True)
class Console:
    """What one kind of user works in; `roles` open it, none means every member."""

    key: str
    label: str | Promise
    roles: tuple[str, ...] = ()
    rooms: Sequence[Room] = ()

    def open_to(self, actor: Actor) -> bool:
        """Whether this actor works here."""
        return actor.has_role(*self.roles) if self.roles else bool(actor.organization)


CONSOLES: Final[tuple[Console, ...]] = (
    Console(
        key="provider",
        label=_("Provider"),
        roles=("PROVIDER",),
        rooms=(
            Room(route="provider_overview", label=_("Overview"), icon="overview"),
            Room(route="provider_products", label=_("Data products"), icon="product"),
            Room(route="provider_algorithms", label=_("Algorithms"), icon="proof"),
            Room(route="provider_check", label=_("Check a file"), icon="search"),
            Room(route="provider_cases", label=_("Compliance cases"), icon="review"),
            Room(route="provider_rights", label=_("Rights statements"), icon="rights"),
            Room(route="provider_inquiries", label=_("Inquiries"), icon="inquiry"),
            Room(route="provider_negotiations", label=_("Negotiations"), icon="demand"),
            Room(route="provider_orders", label=_("Orders and contracts"), icon="contract"),
            Room(route="provider_engagements", label=_("Engagements"), icon="review"),
            Room(route="provider_audits", label=_("Audits of algorithms"), icon="proof"),
            Room(
                route="provider_algorithm_appeals",
                label=_("Appeals against algorithms"),
                icon="person",
            ),
            Room(route="provider_sharing", label=_("Revenue sharing"), icon="ledger"),
            Room(route="provider_exports", label=_("Exports of data"), icon="export"),
            Room(route="provider_grants", label=_("Access granted"), icon="delivery"),
            Room(route="evaluation_runs", label=_("Measure algorithms"), icon="proof"),
            Room(route="evaluation_sets", label=_("Evaluation sets"), icon="lock"),
            Room(route="provider_account", label=_("Account statement"), icon="ledger"),
        ),
    ),
    Console(
        key="buyer",
        label=_("Buyer"),
        roles=("BUYER",),
        rooms=(
            Room(route="buyer_overview", label=_("Overview"), icon="overview"),
            Room(route="buyer_demands", label=_("Demands"), icon="demand"),
            Room(route="buyer_inquiries", label=_("Inquiries"), icon="inquiry"),
            Room(route="buyer_negotiations", label=_("Negotiations"), icon="demand"),
            Room(route="buyer_orders", label=_("Orders and contracts"), icon="contract"),
            Room(route="buyer_measurements", label=_("Value measurements"), icon="proof"),
            Room(route="buyer_grants", label=_("Access granted"), icon="delivery"),
            Room(
                route="buyer_algorithm_appeals",
                label=_("Appeals against algorithms"),
                icon="person",
            ),
            Room(route="buyer_account", label=_("Account statement"), icon="ledger"),
        ),
    ),
    Console(
        key="assessor",
        label=_("Appraiser"),
        roles=("ASSESSOR",),
        rooms=(
            Room(route="assessor_engagements", label=_("Engagements"), icon="review"),
            Room(route="assessor_audits", label=_("Audits of algorithms"), icon="proof"),
            Room(route="assessor_accreditation", label=_("Accreditation"), icon="rights"),
        ),
    ),
    Console(
        key="regulator",
        label=_("Regulator"),
        roles=("REGULATOR",),
        rooms=(
            Room(route="regulator_overview", label=_("Overview"), icon="overview"),
            Room(route="regulator_trail", label=_("Audit trail"), icon="trail"),
            Room(route="regulator_searches", label=_("Saved searches"), icon="inquiry"),
            Room(route="surveillance", label=_("Surveillance"), icon="search"),
            Room(route="regulator_products", label=_("Listings"), icon="product"),
            Room(route="regulator_blocked", label=_("What was stopped"), icon="block"),
            Room(route="regulator_cases", label=_("Cases"), icon="review"),
            Room(route="regulator_gradings", label=_("Gradings"), icon="shield"),
            Room(route="regulator_exports", label=_("Exports of data"), icon="export"),
            Room(route="regulator_algorithms", label=_("Algorithms"), icon="overview"),
            Room(route="regulator_audits", label=_("Audits of algorithms"), icon="proof"),
            Room(
                route="regulator_algorithm_appeals",
                label=_("Appeals against algorithms"),
                icon="person",
            ),
            Room(route="regulator_prices", label=_("Automatic prices"), icon="ledger"),
            Room(route="regulator_rules", label=_("Rules"), icon="rights"),
            Room(route="decisions", label=_("Decisions of algorithms"), icon="proof"),
            Room(route="regulator_sealed", label=_("Sealed releases"), icon="lock"),
            Room(route="regulator_orders", label=_("Supervision orders"), icon="order"),
            Room(route="accreditations", label=_("Appraisers"), icon="party"),
            Room(route="algorithm_filings", label=_("Filings of algorithms"), icon="proof"),
            Room(route="regulator_retention", label=_("Retention and holds"), icon="lock"),
            Room(route="evaluation_sets", label=_("Evaluation sets"), icon="lock"),
            Room(route="evaluation_runs", label=_("Algorithms measured"), icon="proof"),
            Room(route="regulator_log", label=_("Log and receipts"), icon="proof"),
            Room(route="regulator_health", label=_("Health of the log"), icon="shield"),
            Room(route="regulator_evidence", label=_("Evidence bundles"), icon="export"),
        ),
    ),
    Console(
        key="operator",
        label=_("Operator"),
        roles=("OPERATOR",),
        rooms=(
            Room(route="operator_overview", label=_("Overview"), icon="overview"),
            Room(route="operator_admissions", label=_("Admissions"), icon="party"),
            Room(route="operator_listings", label=_("Listing requests"), icon="review"),
            Room(route="operator_cases", label=_("Screening cases"), icon="block"),
            Room(route="operator_gradings", label=_("Gradings"), icon="shield"),
            Room(route="operator_exports", label=_("Exports of data"), icon="export"),
            Room(route="operator_sealed", label=_("Sealed releases"), icon="lock"),
            Room(route="accreditations", label=_("Appraisers"), icon="party"),
            Room(route="algorithm_filings", label=_("Filings of algorithms"), icon="proof"),
            Room(route="price_reviews", label=_("Reviews of prices"), icon="review"),
            Room(route="surveillance", label=_("Surveillance"), icon="search"),
            Room(route="operator_audits", label=_("Audits of algorithms"), icon="proof"),
            Room(
                route="operator_algorithm_appeals",
                label=_("Appeals against algorithms"),
                icon="person",
            ),
            Room(route="operator_settlement", label=_("Clearing"), icon="ledger"),
            Room(route="evaluation_sets", label=_("Evaluation sets"), icon="lock"),
            Room(route="evaluation_runs", label=_("Algorithms measured"), icon="proof"),
            Room(route="decisions", label=_("Decisions of algorithms"), icon="proof"),
            Room(route="operator_evidence", label=_("Evidence bundles"), icon="export"),
            Room(route="operator_retention", label=_("Retention and holds"), icon="lock"),
            Room(route="operator_health", label=_("Operation"), icon="proof"),
        ),
    ),
    Console(
        key="organization",
        label=_("Organization"),
        rooms=(
            Room(route="organization_profile", label=_("Profile and admission"), icon="party"),
            Room(route="organization_members", label=_("Members"), icon="people"),
            Room(route="own_alerts", label=_("Alerts about us"), icon="search"),
            Room(route="organization_evidence", label=_("Evidence bundles"), icon="export"),
            Room(route="decisions", label=_("Decisions of algorithms"), icon="proof"),
            Room(route="organization_tokens", label=_("API tokens"), icon="key"),
        ),
    ),
)

ACCOUNT: Final[tuple[Room, ...]] = (
    Room(route="account_email", label=_("E-mail addresses"), icon="mail"),
    Room(route="account_change_password", label=_("Password"), icon="key"),
    Room(route="mfa_index", label=_("Second factor and passkeys"), icon="shield"),
    Room(route="usersessions_list", label=_("Sessions"), icon="device"),
    Room(route="account_data", label=_("My data"), icon="person"),
)

REGISTERS: Final[tuple[Room, ...]] = (
    Room(route="participants", label=_("Register of participants")),
    Room(route="appraisers", label=_("Register of appraisers")),
    Room(route="auditors", label=_("Register of auditors")),
    Room(route="demands", label=_("Demand board")),
    Room(route="market_picture", label=_("Market picture")),
    Room(route="algorithms", label=_("Register of algorithms")),
    Room(route="rule_packs", label=_("Rules in force")),
    Room(route="log_public", label=_("Transparency log")),
    Room(route="certificates", label=_("Check a trade certificate")),
    Room(route="api_docs", label=_("REST interface")),
)


@dataclass(frozen=True, kw_only=True)
class Door:
    """A room whose address is known, as the navigation shows it."""

    label: str | Promise
    url: str
    icon: str
    here: bool


def address(route: str, *args: object) -> str:
    """Return the address of a route, or an empty string while it does not exist."""
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return ""


def doors(rooms: Sequence[Room], path: str) -> list[Door]:
    """Return the rooms that can be entered; the deepest one that `path` lies in is marked."""
    known = [(room, url) for room in rooms if (url := address(room.route))]
    inside = [url for _room, url in known if path.startswith(url)]
    present = max(inside, key=len, default="")
    return [
        Door(label=room.label, url=url, icon=room.icon, here=url == present) for room, url in known
    ]


def console_at(path: str, actor: Actor) -> Console | None:
    """Return the console whose pages begin with /<key>/, or the actor's that has a room there."""
    first = path.strip("/").partition("/")[0]
    named = next((console for console in CONSOLES if console.key == first), None)
    return named or next((console for console in CONSOLES if _has_room(console, path, actor)), None)


def _has_room(console: Console, path: str, actor: Actor) -> bool:
    return console.open_to(actor) and any(door.here for door in doors(console.rooms, path))
