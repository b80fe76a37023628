"""The back-test: nothing held out changes a choice, no row breaks it, every refusal is said."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from django.core.management import CommandError, call_command

from audit.disclosure.models import Measurement
from pricing.facts import Comparable
from pricing.measurement.backtest import Outcome, Protocol, backtest
from pricing.measurement.figures import Figures, figures_of
from pricing.measurement.listings import (
    read_listings,
)
from pricing.methods.market import appraise_by_market
from pricing.methods.working import Estimate
from pricing.money import Money

from .golden import table_of
from .listing_rows import Rows, known_law
from .making import BASIS, facts, policy

DOCUMENT = Path(__file__).parents[2] / "docs" / "appraisal.md"


def _told(outcome: Outcome) -> tuple[object, ...]:
    """Everything that is said of a listing before its own price is looked at."""
    return (
        outcome.listing.line,
        outcome.refusal,
        outcome.center,
        outcome.half_width,
        outcome.setting,
        outcome.comparables,
    )


def test_a_known_law_is_found_better_than_by_the_plain_median(write: Callable[..., Path]) -> None:
    listings = read_listings(write(known_law()))

    (found,) = figures_of(backtest(listings, Protocol.PROVIDER, minimum=3), Protocol.PROVIDER)

    assert (found.listings, found.answered, found.providers) == (50, 50, 10)
    assert found.median_error is not None
    assert found.median_error < 0.7
    assert found.ratio_to_plain is not None
    assert found.ratio_to_plain < 0.5
    assert found.coverage is not None
    assert 0.6 < found.coverage < 0.95


@pytest.mark.parametrize("protocol", list(Protocol))
def test_held_out_prices_change_no_choice(protocol: Protocol, write: Callable[..., Path]) -> None:
    """Whatever the left-out listings ask, all that is said of them stays the same."""
    rows = known_law()
    first = backtest(read_listings(write(rows)), protocol, minimum=3)
    group = protocol.group_of(first[0].listing)
    left_out = {one.listing.line for one in first if protocol.group_of(one.listing) == group}
    dearer = [
        row | {"price_cny": "987654.32"} if place + 2 in left_out else row
        for place, row in enumerate(rows)
    ]

    again = backtest(read_listings(write(dearer)), protocol, minimum=3)

    assert left_out
    for before, after in zip(first, again, strict=True):
        if before.listing.line in left_out:
            assert _told(before) == _told(after)
    assert [_told(one) for one in first] != [_told(one) for one in again]


def test_prices_of_a_held_out_file_change_no_choice(write: Callable[..., Path]) -> None:
    known, rows = read_listings(write(known_law())), known_law(providers=4, seed=9)
    cheap = read_listings(write([row | {"price_cny": "0.01"} for row in rows], "cheap.csv"))
    dear = read_listings(write([row | {"price_cny": "99999"} for row in rows], "dear.csv"))

    for protocol in Protocol:
        one = backtest(known, protocol, minimum=3, held_out=cheap)
        other = backtest(known, protocol, minimum=3, held_out=dear)
        assert [_told(each) for each in one] == [_told(each) for each in other]


def test_a_providers_own_listings_never_price_it(write: Callable[..., Path]) -> None:
    listings = read_listings(write(known_law()))
    owners = {one.line: one.owner for one in listings}

    for outcome in backtest(listings, Protocol.PROVIDER, minimum=3):
        assert outcome.comparables
        for line, _ in outcome.comparables:
            assert owners[line] != outcome.listing.owner
    again = backtest(listings, Protocol.PROVIDER, minimum=3, held_out=listings)
    assert all(
        owners[line] != outcome.listing.owner
        for outcome in again
        for line, _ in outcome.comparables
    )


def test_a_listing_never_prices_itself_not_even_from_another_file(
    write: Callable[..., Path],
) -> None:
    listings = read_listings(write(known_law()))

    for held_out in (None, listings):
        for outcome in backtest(listings, Protocol.LISTING, minimum=3, held_out=held_out):
            assert outcome.listing.line not in {line for line, _ in outcome.comparables}


def test_exchanges_and_units_are_never_pooled(write: Callable[..., Path]) -> None:
    rows = known_law()
    west = [row | {"platform": "west", "price_cny": "5000"} for row in rows]
    yearly = [row | {"unit": "年", "price_mode": "subscription"} for row in rows]

    alone = backtest(read_listings(write(rows)), Protocol.PROVIDER, minimum=3)
    beside = backtest(read_listings(write(rows + west + yearly)), Protocol.PROVIDER, minimum=3)

    assert [_told(one) for one in beside if one.listing.line <= len(rows) + 1] == [
        _told(one) for one in alone
    ]


def test_the_order_of_rows_changes_nothing(write: Callable[..., Path]) -> None:
    rows = known_law()
    shuffled = list(rows)
    Random(5).shuffle(shuffled)

    def by_text(rows: Rows) -> dict[str, float]:
        found = backtest(read_listings(write(rows)), Protocol.LISTING, minimum=3)
        return {one.listing.traits.text: one.center for one in found}

    assert by_text(shuffled) == pytest.approx(by_text(rows))


def test_two_runs_say_the_same(write: Callable[..., Path]) -> None:
    path = write(known_law())

    runs = [
        figures_of(backtest(read_listings(path), protocol, minimum=3), protocol)
        for protocol in (Protocol.PROVIDER, Protocol.PROVIDER)
    ]

    assert runs[0] == runs[1]


def test_what_is_measured_is_what_an_appraisal_does(write: Callable[..., Path]) -> None:
    """The exchange's own market method finds the price and interval of the back-test."""
    listings = read_listings(write(known_law()))
    outcome = backtest(listings, Protocol.PROVIDER, minimum=3)[7]
    others = [
        Comparable(
            reference=str(one.line),
            owner=one.owner,
            price=Money.of(str(one.price)),
            priced_on=BASIS,
            traits=one.traits,
        )
        for one in listings
    ]

    found = appraise_by_market(
        facts(owner=outcome.listing.owner, traits=outcome.listing.traits, demand=None, rows=0),
        others,
        policy=policy().market,
        quality=policy().quality,
        basis_on=BASIS,
        per_license=True,
    )

    assert isinstance(found, Estimate)
    assert float(found.value.amount.ln()) == pytest.approx(outcome.center, abs=1e-6)
    assert float(found.spread) == pytest.approx(outcome.half_width, abs=1e-4)
    weights = {int(row.reference): float(row.weight or 0) for row in found.adjustments}
    assert weights == pytest.approx(dict(outcome.comparables), abs=2e-6)


def _run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("backtest", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_the_command_prints_both_protocols(write: Callable[..., Path]) -> None:
    path = str(write(known_law()))

    document = json.loads(_run(path, "--json", "--each"))
    table = _run(path)

    assert [one["protocol"] for one in document["figures"]] == [str(one) for one in Protocol]
    assert document["listings"]["priced"] == 50
    assert len(document["each"]) == 100
    first = document["each"][0]
    assert first["low"] <= first["predicted"] <= first["high"]
    assert sum(row["weight"] for row in first["comparables"]) == pytest.approx(1, abs=1e-3)
    assert "leave_one_provider_out" in table
    assert "share refused" in table


def test_the_command_predicts_a_held_out_file(write: Callable[..., Path]) -> None:
    known, asked = write(known_law()), write(known_law(providers=3, seed=4), "held_out.csv")

    document = json.loads(_run(str(known), "--test", str(asked), "--json"))

    assert document["held_out"]["rows"] == 15
    assert [one["listings"] for one in document["figures"]] == [15, 15]


def test_the_command_says_what_it_cannot_read(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read") as missing:
        _run(str(tmp_path / "none.csv"))
    assert missing.value.returncode == 2


@pytest.mark.django_db
def test_the_figures_are_written_into_the_register(write: Callable[..., Path]) -> None:
    path = str(write(known_law()))

    with pytest.raises(CommandError, match="leave --test out"):
        _run(path, "--record", "--test", path)
    assert not Measurement.objects.exists()
    document = json.loads(_run(path, "--json", "--record"))

    rows = {row.metric: row for row in Measurement.objects.all()}
    found = document["figures"][1]
    kept = rows["log_error_east_provider_out"]
    assert (kept.value, kept.n) == (f"{found['median_error']:.4f}", found["answered"])
    assert kept.dataset_sha256 == document["listings"]["sha256"]
    assert rows["refused_share_east_provider_out"].n == 50
    assert "median_error_synthetic" in rows


WANTED = {"beijing": 0.85, "guiyang": 0.90}
CSV = Path("price-evidence") / "cn_data_exchange_listings.csv"


@pytest.fixture(scope="module")
def real_figures(shared_data: Path) -> list[Figures]:
    listings = read_listings(shared_data / CSV)
    return [
        one
        for protocol in Protocol
        for one in figures_of(backtest(listings, protocol, minimum=3), protocol)
    ]


def test_the_goals_on_the_real_listings(real_figures: list[Figures]) -> None:
    """Leave one provider out, Beijing and Guiyang, and intervals that hold 75-85 %."""
    found = [one for one in real_figures if one.exchange in WANTED]

    assert len(found) == 4
    for one in found:
        assert one.coverage is not None
        assert 0.75 <= one.coverage <= 0.85
        if one.protocol == Protocol.PROVIDER:
            assert one.ratio_to_plain is not None
            assert one.ratio_to_plain <= WANTED[one.exchange]


def test_the_document_prints_the_figures_of_the_real_listings(real_figures: list[Figures]) -> None:
    printed = table_of(DOCUMENT, "How well it does")

    assert printed == [
        {name: _printed(getattr(one, name)) for name in printed[0]}
        for one in sorted(real_figures, key=lambda one: (one.exchange, one.protocol))
    ]


def _printed(value: float | str | None) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
