"""One cast for the whole suite, and the log it writes."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import translation

from audit.disclosure.evaluation.running import has_runtime
from audit.disclosure.models import Disclosure
from audit.disclosure.services import file_platform_disclosures
from audit.log.actors import Actor
from audit.log.models import Entry
from audit.rulebook import queries, shelf
from exchange.parties.models import Member, Organization, User
from exchange.parties.queries import actor_for_user
from tests.triggers import (  # noqa: F401  fixtures for all
    _flush_in_spite_of_triggers,
    complete,
    forgive_missing_entries,
)

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
DISCLOSED = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
DATABASE = {"db", "transactional_db", "live_server"}
SHARED = Path(django_settings.SHARED_DATA)
CAST = {  # name: (unified social credit code, roles)
    "provider": ("91110000600037341L", ["PROVIDER"]),
    "buyer": ("91310000MA1FL0000N", ["BUYER"]),
    "stranger": ("91440101MA5CK0000N", ["BUYER"]),
    "regulator": ("11310000MB2F30000K", ["REGULATOR"]),
    "operator": ("91310115MA1K30000A", ["OPERATOR"]),
}

# The suite gives the same answer twice; `HYPOTHESIS_PROFILE=search` looks for new examples.
# Neither asks how long an example takes: the suite says nothing about seconds.
TIMELESS = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("suite", derandomize=True, print_blob=True, **TIMELESS)
hypothesis.settings.register_profile("search", derandomize=False, print_blob=True, **TIMELESS)
hypothesis.settings.register_profile(  # a failure is enough; see tests/mutating
    "mutants",
    derandomize=True,
    database=None,
    deadline=None,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses a database or shared files; skip what needs something that is not here."""
    absent = {
        "postgres": connection.vendor != "postgresql" and "rivals need real connections",
        "runtime": not has_runtime() and "onnxruntime is not installed (requirements/local.txt)",
    }
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & DATABASE or item.get_closest_marker("django_db"):
            item.add_marker("database")
        if "shared_data" in fixtures:
            item.add_marker("shared")
        for mark, reason in absent.items():
            if reason and item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_sessionfinish() -> None:
    """Remove what the suite wrote."""
    shutil.rmtree(django_settings.VAR, ignore_errors=True)


@pytest.fixture(autouse=True)
def _fast_passwords(settings: pytest.FixtureRequest) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _everyone_starts_in_english() -> Iterator[None]:
    """A page read in Chinese leaves its language active in the thread; no test hands it on."""
    translation.activate(django_settings.LANGUAGE_CODE)
    yield
    translation.activate(django_settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """As ever; and sessions that tests left in PostgreSQL do not keep the database at the end."""
    with django_db_blocker.unblock():
        forgive_missing_entries()
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session")
def _platform_rows(django_db_setup: None, django_db_blocker: Any) -> list[dict[str, Any]]:
    """The platform's disclosures as the register holds them, filed once for the whole suite."""
    with django_db_blocker.unblock(), transaction.atomic():
        file_platform_disclosures(by=Actor.system("installation"), at=DISCLOSED)
        rows = list(Disclosure.objects.order_by("pk").values())
        transaction.set_rollback(True)
    return [{name: value for name, value in row.items() if name != "id"} for row in rows]


@pytest.fixture
def platform_disclosures(request: pytest.FixtureRequest, db: None) -> None:
    """What the platform discloses of its algorithms is in force, as on every exchange."""
    rows = request.getfixturevalue("_platform_rows")
    Disclosure.objects.bulk_create(Disclosure(**row) for row in rows)


@pytest.fixture(autouse=True)
def _algorithms_may_decide(request: pytest.FixtureRequest) -> None:
    """Disclose the platform's algorithms wherever there is a database.

    A folder whose tests begin with an empty register has its own fixture `platform_disclosures`.
    """
    if request.node.get_closest_marker("database"):
        request.getfixturevalue("platform_disclosures")


@pytest.fixture
def at() -> datetime:
    """The instant at which everything in a test happens unless it says otherwise."""
    return NOW


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real and restricted samples beside the repository."""
    if not SHARED.is_dir():
        pytest.skip("the shared sample data does not stand beside the repository")
    return SHARED


@pytest.fixture
def log(db: None) -> Callable[[], list[tuple[str, str]]]:
    """Return (event, subject) of every entry recorded since the test took this fixture."""
    start = Entry.objects.order_by("-position").values_list("position", flat=True).first() or 0

    def read() -> list[tuple[str, str]]:
        entries = Entry.objects.filter(position__gt=start).order_by("position")
        return list(entries.values_list("name", "subject"))

    return read


def make_organization(name: str, at: datetime) -> Organization:
    """Return the cast's organization `name`, admitted in its roles."""
    uscc, roles = CAST[name]
    return Organization.objects.create(
        reference=f"ORG-{name.upper()}",
        uscc=uscc,
        name=f"{name} organization",
        name_en=f"{name.title()} Ltd.",
        region="上海市",
        roles=roles,
        status="ADMITTED",
        status_since=at,
        clean_record_declared_at=at,
        applied_at=at,
        admitted_at=at,
    )


def make_member(organization: Organization, role: str, at: datetime, name: str = "") -> User:
    """Return a new person who acts for `organization` in `role`."""
    user = User(email=f"{name or organization.reference.lower()}@example.org", registered_at=at)
    user.set_password("correct horse battery")
    user.save()
    Member.objects.create(user=user, organization=organization, role=role, since=at)
    return user


@pytest.fixture
def provider_org(db: None, at: datetime) -> Organization:
    """The organization that lists."""
    return make_organization("provider", at)


@pytest.fixture
def buyer_org(db: None, at: datetime) -> Organization:
    """The organization that buys."""
    return make_organization("buyer", at)


@pytest.fixture
def stranger_org(db: None, at: datetime) -> Organization:
    """Another buyer, who must see nothing of theirs."""
    return make_organization("stranger", at)


@pytest.fixture
def regulator_org(db: None, at: datetime) -> Organization:
    """The authority that looks."""
    return make_organization("regulator", at)


@pytest.fixture
def operator_org(db: None, at: datetime) -> Organization:
    """Who runs the exchange."""
    return make_organization("operator", at)


@pytest.fixture
def provider(provider_org: Organization, at: datetime) -> Actor:
    """Administrator of the provider."""
    return actor_for_user(make_member(provider_org, "ADMIN", at, "provider"))


@pytest.fixture
def provider_viewer(provider_org: Organization, at: datetime) -> Actor:
    """Member of the same organization who may only look."""
    return actor_for_user(make_member(provider_org, "VIEWER", at, "viewer"))


@pytest.fixture
def buyer(buyer_org: Organization, at: datetime) -> Actor:
    """Administrator of the buyer."""
    return actor_for_user(make_member(buyer_org, "ADMIN", at, "buyer"))


@pytest.fixture
def stranger(stranger_org: Organization, at: datetime) -> Actor:
    """Administrator of another buyer."""
    return actor_for_user(make_member(stranger_org, "ADMIN", at, "stranger"))


@pytest.fixture
def regulator(regulator_org: Organization, at: datetime) -> Actor:
    """Officer of the regulator."""
    return actor_for_user(make_member(regulator_org, "ADMIN", at, "regulator"))


@pytest.fixture
def colleague(regulator_org: Organization, at: datetime) -> Actor:
    """A second person of the regulator."""
    return actor_for_user(make_member(regulator_org, "TRADER", at, "colleague"))


@pytest.fixture
def operator(operator_org: Organization, at: datetime) -> Actor:
    """Administrator of the operator."""
    return actor_for_user(make_member(operator_org, "ADMIN", at, "operator"))


@pytest.fixture
def anonymous() -> Actor:
    """Nobody."""
    return Actor.anonymous()


@pytest.fixture(autouse=True)
def _rules_of_this_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No version of another test is remembered; the database is asked only after `forget_packs`."""
    queries.forget_packs()
    with monkeypatch.context() as patch:
        patch.setattr(shelf, "_stored", tuple)
        queries.list_packs("compliance")
    monkeypatch.setattr(shelf, "RECHECK", float("inf"))
    yield
    queries.forget_packs()


@pytest.fixture(autouse=True)
def _own_audit_log(settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings.AUDIT_LOG_DIR = tmp_path / "audit"  # type: ignore[attr-defined]
