"""What a profile shows: counts always, values only where nobody is behind them."""

from datetime import datetime

from audit.log.actors import Actor
from exchange.catalog.models import Release
from exchange.catalog.profiles import shown_profile
from exchange.parties.models import Organization

from .making import cleared_release, draft_product

PROFILE = {
    "rows": 3,
    "columns": [
        {"name": "phone", "type": "text", "nulls": 0, "distinct": 3, "top": [{"value": "138"}]},
        {"name": "delay", "type": "integer", "nulls": 1, "distinct": 2, "min": 1, "max": 9},
    ],
}


def release_with_profile(provider_org: Organization, provider: Actor, at: datetime) -> Release:
    release = cleared_release(draft_product(provider_org, provider, at), provider, at)
    release.profile = PROFILE
    release.sample = {"columns": ["phone", "delay"], "rows": [], "masked": ["phone"]}
    return release


def test_masked_columns_show_counts_only(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    phone, delay = shown_profile(release_with_profile(provider_org, provider, at))["columns"]

    assert phone == {"name": "phone", "type": "text", "nulls": 0, "distinct": 3}
    assert delay["max"] == 9


def test_before_the_verdict_no_values_are_shown(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    release = release_with_profile(provider_org, provider, at)
    release.status = "SUBMITTED"

    assert all("top" not in c and "max" not in c for c in shown_profile(release)["columns"])
