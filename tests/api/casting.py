"""Programs of everybody who takes part in what the filter decides, and files for it."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from audit.log.actors import Actor
from exchange.parties.models import Organization

from .calling import Program, expect
from .steps import admit, describe, issue

PURPOSE = {"Inspection_Purpose": quote("抽查 12")}


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Everybody who takes part, as programs."""

    seller: Program
    taker: Program
    taker_org: str
    floor: Program
    watch: Program
    settle: Callable[[], None]


@pytest.fixture
def cast(
    operator_org: Organization,
    regulator_org: Organization,
    operator: Actor,
    regulator: Actor,
    client_for: Callable[[Actor], APIClient],
    settle_log: Callable[[], None],
    at: datetime,
) -> Cast:
    """Provider and buyer as just admitted, operator and regulator."""
    desk = client_for(operator)
    _org, seller = admit("seller", desk, at)
    taker_org, taker = admit("taker", desk, at)
    scopes = ["read", "review", "audit"]
    return Cast(
        seller=seller,
        taker=taker,
        taker_org=taker_org,
        floor=issue(desk, operator_org.reference, scopes, at),
        watch=issue(client_for(regulator), regulator_org.reference, scopes, at),
        settle=settle_log,
    )


def offered(cast: Cast, columns: Mapping[str, Sequence[Any]], **manual: Any) -> tuple[str, str]:
    """Return a product and its release, which was handed to the filter."""
    product = describe(cast.seller, **manual)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    file = SimpleUploadedFile("table.csv", text.getvalue().encode(), "text/csv")
    release = expect(cast.seller.send_file(f"products/{product}/releases", file), 201)["reference"]
    cast.seller.post(f"releases/{release}/submit")
    cast.settle()
    return product, release
