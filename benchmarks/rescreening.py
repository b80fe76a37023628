"""How long a new version of the rules takes to reach 1,000 live releases, with a worker killed.

    python3 benchmarks/rescreening.py [--releases 1000] [--workers 2] [--rows 2000] [--json]

On the database of DATABASE_URL (it must be empty), else on SQLite in a scratch folder. Every
release is read from the vault to its end under the coming rules; one in four does not pass them.
One worker is killed while it reads; its lease is ended at once instead of after two minutes.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
if "QUANHENG_VAR" not in os.environ:
    SCRATCH = tempfile.TemporaryDirectory(prefix="quanheng-benchmark-")
    os.environ["QUANHENG_VAR"] = SCRATCH.name

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from audit.disclosure.services import file_platform_disclosures  # noqa: E402
from audit.log.actors import Actor  # noqa: E402
from audit.rulebook.queries import begins_at  # noqa: E402
from exchange.catalog.models import Product, Release  # noqa: E402
from exchange.compliance import services, tasks  # noqa: E402
from exchange.compliance.models import Rescreening  # noqa: E402
from exchange.compliance.queries import progress_of  # noqa: E402
from exchange.compliance.services import screen_release  # noqa: E402
from exchange.parties.queries import actor_for_user  # noqa: E402
from tests import triggers  # noqa: E402
from tests.compliance.making import product_of, submitted  # noqa: E402
from tests.conftest import make_member, make_organization  # noqa: E402
from tests.rulebook.making import NO_DECLARATION, published  # noqa: E402

NOW = timezone.now()
STOPPED = 4  # one in so many


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--releases", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    said = parser.parse_args()
    call_command("migrate", interactive=False, verbosity=0)
    demand = triggers._demand_entries  # noqa: SLF001  the releases are props without a past
    demand("DISABLE")
    run = prepare(said.releases, said.rows)
    demand("ENABLE ALWAYS")
    figures: dict[str, Any] = {
        "releases": said.releases, "rows each": said.rows, "workers": said.workers,
        "database": connection.vendor,
    }  # fmt: skip
    connection.close()
    begun = time.perf_counter()
    figures["killed"] = read_ahead(run, said.workers)
    figures["read ahead, seconds"] = round(time.perf_counter() - begun, 1)
    instant = begins_at(run.effective_on)
    begun = time.perf_counter()
    (due,) = services.begin_due(at=instant)
    services.work_on(run=due, clock=lambda: instant, seconds=3600)
    figures["applied, seconds"] = round(time.perf_counter() - begun, 1)
    due.refresh_from_db()
    counts = progress_of(due)
    figures |= {
        "status": due.status, "renewed": counts.renewed, "stopped": counts.stopped,
        "failed": counts.failed, "left": counts.left,
        "listings suspended": Product.objects.filter(status="SUSPENDED").count(),
        "releases lost": said.releases - counts.settled,
    }  # fmt: skip
    if said.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:>22}  {value}")


def prepare(many: int, rows: int) -> Rescreening:
    """List so many releases: two are uploaded, the others share their bytes; plan the run."""
    file_platform_disclosures(by=tasks.BY, at=NOW)
    provider_org = make_organization("provider", NOW)
    authority = make_organization("regulator", NOW)
    provider = actor_for_user(make_member(provider_org, "ADMIN", NOW, "provider"))
    first, second = (
        actor_for_user(make_member(authority, "ADMIN", NOW, name)) for name in ("one", "two")
    )
    clean = {"站点": [f"站{n}" for n in range(rows)], "客流": [n % 997 for n in range(rows)]}
    keyed = {"会员编号": [f"HY{n:06}" for n in range(rows)], **clean}
    models = [live(provider_org, provider, columns) for columns in (keyed, clean)]
    for number in range(many - len(models)):
        copy(models[0 if number % STOPPED == 0 else 1], number)
    day = NOW.date() + timedelta(days=2)
    pack = published(first, second, NOW, day=day, edits=[NO_DECLARATION])
    return services.plan_rescreening(pack=pack.reference, by=tasks.BY, at=NOW)


def live(organization: Any, provider: Actor, columns: dict[str, Any]) -> Release:
    """Return a listed release."""
    product = product_of(organization, provider, NOW, personal_basis="DEIDENTIFIED")
    release = submitted(product, provider, NOW, columns)
    screen_release(release=release, by=tasks.BY, at=NOW)
    release.refresh_from_db()
    if release.status != "CLEARED":
        sys.exit(f"the model was not cleared: {release.status_reason}")
    Product.objects.filter(pk=product.pk).update(status="LISTED", listed_at=NOW)
    return Release.objects.select_related("product").get(pk=release.pk)


def copy(model: Release, number: int) -> None:
    """List the same bytes as another product."""
    product = Product.objects.get(pk=model.product_id)
    product.pk, product.reference, product.current = None, f"P-2026-{number:08}", None
    release = Release.objects.get(pk=model.pk)
    release.pk, release.reference = None, f"V-2026-{number:08}"
    product.save()
    release.product = product
    release.save()
    Product.objects.filter(pk=product.pk).update(current=release)


def read_ahead(run: Rescreening, workers: int) -> int:
    """Read with several processes; kill one of them half-way and start another."""
    context = multiprocessing.get_context("spawn")
    crew = [context.Process(target=work, args=(run.pk,)) for _ in range(workers)]
    for process in crew:
        process.start()
    total, killed = progress_of(run).total, 0
    while (read := progress_of(run).read) < total:
        print(f"\r{read}/{total}", end="", file=sys.stderr, flush=True)
        if not killed and read > total // 2:
            crew[0].kill()
            crew[0].join()
            killed = 1
            run.items.filter(screening__status="RUNNING").update(taken_until=NOW)
            crew.append(context.Process(target=work, args=(run.pk,)))
            crew[-1].start()
        time.sleep(0.5)
    for process in crew:
        process.join()
    print(file=sys.stderr)
    return killed


def work(pk: int) -> None:
    """Be one worker: come back until nothing is left."""
    run = Rescreening.objects.get(pk=pk)
    while progress_of(run).read < progress_of(run).total:
        services.work_on(run=run, clock=timezone.now, seconds=3600)
        time.sleep(1)


if __name__ == "__main__":
    main()
