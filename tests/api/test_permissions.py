"""Who may call what: every route, every kind of caller; refusals leave no trace in the log.

A row gives method, path and the expected status for each caller in the order of CALLERS. The
placeholders in braces are filled from the fixture `things`. A route without a row fails.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from audit.log.actors import Actor
from exchange.parties.models import Organization
from exchange.parties.queries import user_of
from tests.trading.making import SCENARIO, Floor, fund, make_listing

from .things import make_things

CALLERS = (
    "anonymous",
    "stranger",
    "provider_viewer",
    "provider",
    "buyer",
    "regulator",
    "operator",
)
TABLE: list[tuple[str, str, tuple[int, ...]]] = [
    ("GET", "schema", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "docs", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "me", (401, 200, 200, 200, 200, 200, 200)),
    ("GET", "problems", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "problems/{problem}", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "organizations", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "organizations", (401, 422, 422, 422, 422, 422, 422)),
    ("GET", "organizations/{provider}", (401, 404, 200, 200, 404, 200, 200)),
    ("POST", "organizations/{provider}/admit", (401, 403, 403, 403, 403, 403, 403)),
    ("PUT", "organizations/{provider}/license", (401, 404, 422, 422, 404, 422, 422)),
    ("POST", "organizations/{provider}/checks", (401, 403, 403, 403, 403, 403, 201)),
    ("POST", "organizations/{provider}/reject", (401, 403, 403, 403, 403, 422, 422)),
    ("POST", "organizations/{provider}/suspend", (401, 403, 403, 403, 403, 403, 200)),
    ("POST", "organizations/{provider}/reinstate", (401, 403, 403, 403, 403, 422, 422)),
    ("POST", "organizations/{provider}/terminate", (401, 403, 403, 403, 403, 403, 200)),
    ("GET", "organizations/{provider}/members", (401, 404, 200, 200, 404, 200, 200)),
    ("POST", "organizations/{provider}/members", (401, 404, 403, 422, 404, 403, 403)),
    ("PATCH", "organizations/{provider}/members/{viewer}", (401, 404, 403, 200, 404, 404, 403)),
    ("DELETE", "organizations/{provider}/members/{viewer}", (401, 404, 204, 404, 404, 404, 404)),
    (
        "POST",
        "organizations/{provider}/members/{viewer}/erase",
        (401, 404, 403, 201, 404, 404, 404),
    ),
    ("GET", "organizations/{provider}/tokens", (401, 404, 200, 200, 404, 200, 200)),
    ("POST", "organizations/{provider}/tokens", (401, 404, 422, 422, 404, 422, 422)),
    ("POST", "tokens/{nothing}/revoke", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "objects", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "objects", (401, 415, 415, 415, 415, 415, 415)),
    ("GET", "objects/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "rights", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "rights", (401, 422, 422, 422, 422, 422, 422)),
    ("GET", "rights/{rights}", (401, 404, 200, 200, 404, 200, 200)),
    ("PATCH", "rights/{rights}", (401, 404, 403, 200, 404, 403, 403)),
    ("POST", "rights/{rights}/state", (401, 403, 403, 200, 403, 403, 403)),
    ("POST", "rights/{rights}/withdraw", (401, 403, 403, 200, 403, 409, 409)),
    ("GET", "products", (200, 200, 200, 200, 200, 200, 200)),
    ("POST", "products", (401, 403, 403, 422, 403, 403, 403)),
    ("GET", "products/facets", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "products/{listed}", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "products/{draft}", (404, 404, 200, 200, 404, 200, 200)),
    ("PATCH", "products/{draft}", (401, 403, 428, 428, 403, 403, 403)),
    ("PUT", "products/{draft}/rights", (401, 403, 422, 422, 403, 403, 403)),
    ("POST", "products/{draft}/commitment", (401, 403, 403, 200, 403, 403, 403)),
    ("PUT", "products/{draft}/plan", (401, 403, 403, 200, 403, 403, 403)),
    ("POST", "products/{draft}/request-listing", (401, 403, 403, 403, 403, 403, 403)),
    ("POST", "products/{draft}/retract-listing", (401, 403, 403, 409, 403, 403, 403)),
    ("POST", "products/{draft}/list", (401, 403, 403, 403, 403, 403, 409)),
    ("POST", "products/{draft}/return", (401, 403, 403, 403, 403, 403, 409)),
    ("POST", "products/{draft}/delist", (401, 403, 403, 409, 403, 409, 409)),
    ("POST", "products/{draft}/suspend", (401, 403, 403, 409, 403, 409, 409)),
    ("POST", "products/{draft}/resume", (401, 403, 403, 403, 403, 403, 403)),
    ("POST", "products/{draft}/reopen", (401, 403, 403, 409, 403, 403, 403)),
    ("GET", "products/{draft}/releases", (404, 404, 200, 200, 404, 200, 200)),
    ("POST", "products/{draft}/releases", (401, 403, 415, 415, 403, 403, 403)),
    ("GET", "releases/{release}", (404, 404, 200, 200, 404, 200, 200)),
    ("POST", "releases/{release}/submit", (401, 403, 403, 200, 403, 403, 403)),
    ("POST", "releases/{release}/withdraw", (401, 403, 403, 200, 403, 403, 403)),
    ("GET", "releases/{release}/proposal", (401, 403, 403, 403, 403, 403, 403)),
    ("GET", "releases/{release}/derivations", (401, 403, 200, 200, 403, 403, 403)),
    ("POST", "releases/{release}/derivations", (401, 403, 403, 403, 403, 403, 403)),
    ("POST", "releases/{release}/derivations/preview", (401, 403, 403, 403, 403, 403, 403)),
    ("GET", "releases/{release}/provenance", (404, 404, 404, 404, 404, 404, 404)),
    ("GET", "derivations/{nothing}", (401, 403, 404, 404, 403, 403, 403)),
    ("GET", "recipes/schema", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "products/{draft}/costs", (401, 403, 200, 200, 403, 403, 403)),
    ("POST", "products/{draft}/costs", (401, 403, 403, 201, 403, 403, 403)),
    ("POST", "products/{draft}/costs/{nothing}/reverse", (401, 403, 404, 404, 403, 403, 403)),
    ("GET", "products/{listed}/quality", (200, 200, 200, 200, 200, 200, 200)),
    ("POST", "products/{draft}/quality/rules", (401, 403, 403, 422, 403, 403, 403)),
    ("POST", "products/{draft}/quality/trial", (401, 403, 403, 422, 403, 403, 403)),
    ("POST", "releases/{release}/quality", (401, 403, 403, 201, 403, 403, 403)),
    ("GET", "quality-reports/{nothing}", (404, 404, 404, 404, 404, 404, 404)),
    ("GET", "products/{listed}/training", (404, 404, 404, 404, 404, 404, 404)),
    ("POST", "products/{draft}/training", (401, 403, 403, 403, 403, 403, 403)),
    ("GET", "products/{listed}/quote", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "products/{listed}/appraisals", (200, 200, 200, 200, 200, 200, 200)),
    ("POST", "products/{draft}/appraisals", (401, 404, 403, 403, 404, 403, 403)),
    ("GET", "appraisals/{appraisal}", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "appraisals/{appraisal}/report", (401, 404, 200, 200, 404, 200, 200)),
    ("GET", "screenings", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "screenings", (401, 403, 415, 415, 403, 403, 403)),
    ("GET", "screenings/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "screenings/{nothing}/retry", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "cases", (401, 200, 200, 200, 200, 200, 200)),
    ("GET", "cases/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("PUT", "cases/{nothing}/file/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "cases/{nothing}/documents/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "cases/{nothing}/submit", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "cases/{nothing}/return", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "cases/{nothing}/extend", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "cases/{nothing}/propose", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "cases/{nothing}/confirm", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "cases/{nothing}/decline", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "cases/{nothing}/withdraw-proposal", (401, 403, 403, 403, 403, 404, 404)),
    ("GET", "filings", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "filings", (401, 403, 403, 422, 403, 403, 403)),
    ("GET", "filings/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "filings/{nothing}/document", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "filings/{nothing}/verify", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "filings/{nothing}/reject", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "filings/{nothing}/revoke", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "filings/{nothing}/complete", (401, 403, 404, 404, 403, 403, 403)),
    ("GET", "exports", (401, 200, 200, 200, 200, 200, 200)),
    ("GET", "exports/years", (401, 200, 200, 200, 200, 200, 200)),
    ("GET", "exports/warnings", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "exports/weigh", (401, 403, 200, 200, 200, 403, 403)),
    ("GET", "exports/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "standings", (401, 200, 200, 200, 200, 200, 200)),
    ("PUT", "standings/{provider}", (401, 403, 403, 403, 403, 200, 200)),
    ("GET", "appeals", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "appeals", (401, 422, 422, 422, 422, 422, 422)),
    ("GET", "appeals/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "appeals/{nothing}/documents/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "appeals/{nothing}/answer", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "appeals/{nothing}/withdraw", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "sealed", (401, 403, 403, 403, 403, 200, 200)),
    ("GET", "sealed/{nothing}/file", (401, 403, 403, 403, 403, 404, 403)),
    ("GET", "rule-packs", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "rule-packs/{nothing}", (404, 404, 404, 404, 404, 404, 404)),
    ("POST", "rule-packs/{nothing}/withdraw", (401, 403, 403, 403, 403, 404, 403)),
    ("GET", "rule-drafts", (401, 403, 403, 403, 403, 200, 403)),
    ("POST", "rule-drafts", (401, 403, 403, 403, 403, 422, 403)),
    ("GET", "rule-drafts/{nothing}", (401, 403, 403, 403, 403, 404, 403)),
    ("PATCH", "rule-drafts/{nothing}", (401, 403, 403, 403, 403, 404, 403)),
    ("POST", "rule-drafts/{nothing}/propose", (401, 403, 403, 403, 403, 404, 403)),
    ("POST", "rule-drafts/{nothing}/approve", (401, 403, 403, 403, 403, 404, 403)),
    ("POST", "rule-drafts/{nothing}/return", (401, 403, 403, 403, 403, 404, 403)),
    ("POST", "rule-drafts/{nothing}/publish", (401, 403, 403, 403, 403, 404, 403)),
    ("POST", "rule-drafts/{nothing}/discard", (401, 403, 403, 403, 403, 404, 403)),
    ("GET", "rescreenings", (401, 403, 403, 403, 403, 200, 200)),
    ("GET", "rescreenings/{nothing}", (401, 403, 403, 403, 403, 404, 404)),
    ("GET", "determinations", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "determinations", (401, 403, 403, 403, 403, 201, 201)),
    ("GET", "determinations/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "determinations/{nothing}/withdraw", (401, 403, 403, 403, 403, 404, 404)),
    ("GET", "regrades", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "regrades", (401, 404, 403, 201, 404, 201, 201)),
    ("GET", "regrades/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "regrades/{nothing}/close", (401, 403, 403, 403, 403, 404, 404)),
    ("GET", "demands", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "demands", (401, 422, 403, 403, 422, 403, 403)),
    ("GET", "demands/{demand}", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "demands/{demand}/close", (401, 403, 403, 403, 200, 403, 409)),
    ("GET", "inquiries", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "inquiries", (401, 201, 403, 403, 201, 403, 403)),
    ("GET", "inquiries/{inquiry}", (401, 404, 200, 200, 200, 200, 200)),
    ("POST", "inquiries/{inquiry}/answer", (401, 403, 403, 200, 403, 403, 403)),
    ("GET", "negotiations", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "negotiations", (401, 201, 403, 403, 409, 403, 403)),
    ("GET", "negotiations/{negotiation}", (401, 404, 200, 200, 200, 200, 200)),
    ("POST", "negotiations/{negotiation}/accept", (401, 404, 403, 200, 409, 403, 403)),
    ("POST", "negotiations/{negotiation}/counter", (401, 404, 403, 200, 409, 403, 403)),
    ("POST", "negotiations/{negotiation}/refuse", (401, 404, 403, 200, 409, 403, 403)),
    ("GET", "products/{listed}/agreed-discounts", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "orders", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "orders", (401, 201, 403, 403, 201, 403, 403)),
    ("GET", "orders/{placed}", (401, 404, 200, 200, 200, 200, 200)),
    ("POST", "orders/{placed}/pay", (401, 404, 403, 403, 409, 403, 403)),
    ("POST", "orders/{placed}/accept", (401, 404, 403, 403, 409, 403, 403)),
    ("POST", "orders/{placed}/reject", (401, 404, 403, 403, 409, 403, 403)),
    ("POST", "orders/{placed}/cancel", (401, 404, 403, 200, 409, 403, 403)),
    ("POST", "orders/{placed}/release", (401, 403, 403, 403, 403, 403, 409)),
    ("POST", "orders/{placed}/refund", (401, 403, 403, 403, 403, 403, 409)),
    ("GET", "contracts", (401, 200, 200, 200, 200, 200, 200)),
    ("GET", "contracts/{contract}", (401, 404, 200, 200, 200, 200, 200)),
    ("POST", "contracts/{contract}/sign", (401, 404, 403, 200, 200, 403, 403)),
    ("POST", "contracts/{contract}/terminate", (401, 404, 403, 409, 409, 403, 403)),
    ("GET", "certificates/{nothing}", (404, 404, 404, 404, 404, 404, 404)),
    ("GET", "certificates/{nothing}/document", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "grants", (401, 200, 200, 200, 200, 200, 200)),
    ("GET", "grants/{grant}", (401, 404, 200, 200, 200, 200, 200)),
    ("POST", "grants/{grant}/download", (401, 404, 403, 403, 201, 403, 403)),
    ("POST", "grants/{grant}/ask", (401, 404, 403, 403, 403, 403, 403)),
    ("POST", "grants/{grant}/inferences", (401, 404, 403, 403, 403, 403, 403)),
    ("POST", "grants/{grant}/revoke", (401, 404, 403, 403, 200, 403, 409)),
    ("POST", "accesses/{nothing}/link", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "bytes/{nothing}", (403, 403, 403, 403, 403, 403, 403)),
    ("GET", "products/{listed}/share-agreements", (401, 403, 200, 200, 403, 200, 200)),
    ("POST", "products/{listed}/share-agreements", (401, 403, 422, 422, 403, 403, 403)),
    ("GET", "share-agreements/{agreement}", (401, 404, 200, 200, 404, 200, 200)),
    ("POST", "share-agreements/{agreement}/agree", (401, 404, 403, 409, 404, 403, 403)),
    ("POST", "share-agreements/{agreement}/decline", (401, 404, 403, 409, 404, 403, 403)),
    ("POST", "share-agreements/{agreement}/withdraw", (401, 404, 403, 409, 404, 403, 403)),
    ("POST", "share-agreements/{agreement}/measurements", (401, 404, 422, 422, 404, 422, 422)),
    ("POST", "orders/{paid}/measurements", (401, 404, 422, 422, 422, 422, 422)),
    ("GET", "value-measurements/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "appraisers", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "appraisers/{nothing}", (404, 404, 404, 404, 404, 404, 404)),
    ("GET", "auditors", (200, 200, 200, 200, 200, 200, 200)),
    ("POST", "auditors/accreditations", (401, 403, 403, 403, 403, 403, 403)),
    ("GET", "audits", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "audits", (401, 403, 403, 403, 403, 201, 409)),
    ("GET", "audits/schedule", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "audits/{audit}", (401, 404, 200, 200, 404, 200, 200)),
    ("GET", "audits/{audit}/sample", (401, 403, 403, 403, 403, 403, 403)),
    ("POST", "audits/{audit}/order", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "audits/{audit}/begin", (401, 404, 403, 403, 404, 403, 403)),
    ("POST", "audits/{audit}/report", (401, 404, 403, 403, 404, 403, 403)),
    ("GET", "audits/{nothing}/documents/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "audits/{audit}/accept", (401, 404, 403, 403, 404, 403, 403)),
    ("POST", "audits/{audit}/give-back", (401, 404, 403, 403, 404, 403, 403)),
    ("POST", "audits/{audit}/cancel", (401, 404, 403, 200, 404, 409, 403)),
    ("GET", "disclosures/{disclosure}/audits", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "audit-findings", (401, 200, 200, 200, 200, 200, 200)),
    ("GET", "audit-findings/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "audit-findings/{nothing}/answer", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "audit-findings/{nothing}/send-back", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "audit-findings/{nothing}/close", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "audit-findings/{nothing}/take-over", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "algorithm-appeals", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "algorithm-appeals", (201, 201, 403, 403, 201, 403, 201)),
    ("GET", "algorithm-appeals/{appealed}", (401, 404, 200, 200, 200, 200, 404)),
    ("POST", "algorithm-appeals/{appealed}/answer", (401, 404, 403, 200, 403, 403, 404)),
    ("POST", "algorithm-appeals/{appealed}/extend", (401, 404, 403, 200, 403, 403, 404)),
    ("POST", "algorithm-appeals/{appealed}/refer", (401, 404, 403, 403, 409, 409, 404)),
    ("POST", "algorithm-appeals/{appealed}/withdraw", (401, 404, 403, 403, 200, 403, 404)),
    ("POST", "appeal-receipts", (404, 404, 404, 404, 404, 404, 404)),
    ("POST", "appeal-receipts/refer", (404, 404, 404, 404, 404, 404, 404)),
    ("POST", "appeal-receipts/withdraw", (404, 404, 404, 404, 404, 404, 404)),
    ("POST", "appeal-receipts/erase", (404, 404, 404, 404, 404, 404, 404)),
    ("GET", "accreditations", (401, 403, 403, 403, 403, 200, 200)),
    ("POST", "accreditations", (401, 403, 403, 403, 403, 403, 403)),
    ("GET", "accreditations/{nothing}", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "accreditations/{nothing}/accredit", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "accreditations/{nothing}/reject", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "accreditations/{nothing}/suspend", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "accreditations/{nothing}/reinstate", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "accreditations/{nothing}/withdraw", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "products/{draft}/engagements", (401, 403, 422, 422, 403, 403, 403)),
    ("GET", "engagements", (401, 200, 200, 200, 200, 200, 200)),
    ("GET", "engagements/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "engagements/{nothing}/accept", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "engagements/{nothing}/decline", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "engagements/{nothing}/recall", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "engagements/{nothing}/deliver", (401, 403, 403, 403, 403, 403, 403)),
    ("GET", "products/{listed}/price-reviews", (200, 200, 200, 200, 200, 200, 200)),
    ("POST", "products/{draft}/price-reviews", (401, 403, 403, 403, 403, 403, 403)),
    ("POST", "price-reviews/{nothing}/decide", (401, 403, 403, 403, 403, 403, 404)),
    ("GET", "market-picture", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "products/{listed}/price-adjustment", (401, 403, 404, 404, 403, 403, 403)),
    ("PUT", "products/{listed}/price-adjustment", (401, 403, 422, 422, 403, 403, 403)),
    ("DELETE", "products/{listed}/price-adjustment", (401, 403, 403, 403, 403, 403, 403)),
    ("POST", "products/{listed}/price-adjustment/preview", (401, 403, 422, 422, 403, 403, 403)),
    ("GET", "products/{listed}/price-history", (200, 200, 200, 200, 200, 200, 200)),
    ("POST", "products/{listed}/price-freeze", (401, 403, 422, 422, 403, 422, 403)),
    ("POST", "products/{listed}/price-ceilings", (401, 403, 403, 403, 403, 422, 403)),
    ("GET", "decisions", (401, 200, 200, 200, 200, 200, 200)),
    ("GET", "decisions/in-doubt", (401, 403, 403, 403, 403, 200, 403)),
    ("GET", "decisions/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "decisions/{nothing}/verify-inputs", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "decisions/{nothing}/override", (401, 403, 403, 403, 403, 404, 404)),
    ("GET", "rankings/{nothing}", (404, 404, 404, 404, 404, 404, 404)),
    ("GET", "price-steps", (401, 200, 200, 200, 200, 200, 200)),
    ("GET", "price-steps/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "price-steps/{nothing}/consent", (401, 403, 404, 404, 403, 403, 403)),
    ("POST", "price-steps/{nothing}/decline", (401, 403, 404, 404, 403, 403, 403)),
    ("GET", "price-freezes", (200, 200, 200, 200, 200, 200, 200)),
    ("POST", "price-freezes", (401, 403, 403, 403, 403, 422, 403)),
    ("POST", "price-freezes/{nothing}/lift", (401, 403, 404, 404, 403, 404, 403)),
    ("POST", "price-ceilings/{nothing}/lift", (401, 403, 403, 403, 403, 404, 403)),
    ("GET", "equal-treatment", (401, 403, 403, 403, 403, 200, 200)),
    ("GET", "accounts/{provider}", (401, 404, 200, 200, 404, 200, 200)),
    ("GET", "accounts/{provider}/statement", (401, 404, 200, 200, 404, 200, 200)),
    ("POST", "deposits", (401, 403, 403, 403, 403, 403, 201)),
    ("POST", "withdrawals", (401, 403, 403, 403, 403, 403, 422)),
    ("GET", "disclosures", (200, 200, 200, 200, 200, 200, 200)),
    ("POST", "disclosures", (401, 422, 422, 422, 422, 422, 422)),
    ("GET", "disclosures/{nothing}", (404, 404, 404, 404, 404, 404, 404)),
    ("PUT", "disclosures/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "disclosures/{nothing}/file", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "disclosures/{nothing}/withdraw", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "disclosures/{nothing}/compare/{nothing}", (404, 404, 404, 404, 404, 404, 404)),
    ("GET", "disclosures/{nothing}/measurements", (404, 404, 404, 404, 404, 404, 404)),
    ("GET", "disclosures/{nothing}/suspensions", (404, 404, 404, 404, 404, 404, 404)),
    ("GET", "disclosures/own", (401, 200, 200, 200, 200, 200, 200)),
    ("GET", "disclosures/waiting", (401, 403, 403, 403, 403, 200, 200)),
    ("POST", "disclosures/import", (401, 422, 422, 422, 422, 422, 422)),
    ("GET", "disclosures/schema", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "disclosures/{nothing}/export", (404, 404, 404, 404, 404, 404, 404)),
    ("GET", "disclosures/{nothing}/full", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "disclosures/{nothing}/call", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "disclosures/{nothing}/take", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "disclosures/{nothing}/return", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "disclosures/{nothing}/refuse", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "disclosures/{nothing}/publish", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "disclosures/{nothing}/confirm", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "disclosures/{nothing}/suspend", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "disclosures/{nothing}/lift", (401, 403, 403, 403, 403, 404, 404)),
    ("GET", "log/head", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "/audit/2026/checkpoint", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "/audit/2026/tile/0/000", (404, 404, 404, 404, 404, 404, 404)),
    ("GET", "/audit/2026/tile/entries/000", (401, 403, 403, 403, 403, 404, 404)),
    ("GET", "log/entries", (401, 200, 200, 200, 200, 200, 200)),
    ("GET", "log/health", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "log/metrics", (401, 403, 403, 403, 403, 200, 200)),
    ("GET", "log/export", (401, 403, 403, 403, 403, 422, 422)),
    ("GET", "log/entries/{entry}", (401, 404, 200, 200, 200, 200, 200)),
    ("GET", "log/entries/{entry}/receipt", (401, 404, 200, 200, 200, 200, 200)),
    ("GET", "log/timeline/{order}/{paid}", (401, 404, 200, 200, 200, 200, 200)),
    ("GET", "log/searches", (401, 403, 403, 403, 403, 200, 200)),
    ("POST", "log/searches", (401, 403, 403, 403, 403, 201, 201)),
    ("GET", "log/searches/{nothing}", (401, 403, 403, 403, 403, 404, 404)),
    ("PATCH", "log/searches/{nothing}", (401, 403, 403, 403, 403, 404, 404)),
    ("DELETE", "log/searches/{nothing}", (401, 403, 403, 403, 403, 404, 404)),
    ("GET", "log/searches/{nothing}/findings", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "log/views", (401, 403, 403, 403, 403, 201, 201)),
    ("POST", "log/entries/{entry}/open", (401, 403, 403, 403, 403, 404, 404)),
    ("GET", "disclosures/{nothing}/evaluations", (404, 404, 404, 404, 404, 404, 404)),
    ("GET", "evaluations/{nothing}", (404, 404, 404, 404, 404, 404, 404)),
    ("GET", "evaluation-sets", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "evaluation-sets", (401, 415, 415, 415, 415, 415, 415)),
    ("GET", "evaluation-sets/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "evaluation-sets/{nothing}/open", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "evaluation-sets/{nothing}/retire", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "algorithm-files", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "algorithm-files", (401, 415, 415, 415, 415, 415, 415)),
    ("GET", "algorithm-files/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "evaluation-runs", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "evaluation-runs", (401, 422, 422, 422, 422, 422, 422)),
    ("GET", "evaluation-runs/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "evaluation-runs/{nothing}/cancel", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "holds", (401, 403, 403, 403, 403, 200, 200)),
    ("POST", "holds", (401, 403, 403, 403, 403, 201, 201)),
    ("GET", "holds/{nothing}", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "holds/{nothing}/lift", (401, 403, 403, 403, 403, 404, 404)),
    ("GET", "destructions", (401, 403, 403, 403, 403, 200, 200)),
    ("GET", "destructions/{nothing}", (401, 403, 403, 403, 403, 404, 404)),
    ("GET", "retention/due", (401, 403, 403, 403, 403, 200, 200)),
    ("GET", "retention/{order}/{paid}", (401, 403, 403, 403, 403, 200, 200)),
    ("GET", "erasures", (401, 200, 200, 200, 200, 200, 200)),
    ("GET", "erasures/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("GET", "evidence-bundles", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "evidence-bundles", (401, 404, 403, 202, 202, 202, 202)),
    ("GET", "evidence-bundles/{evidence}", (401, 404, 404, 404, 200, 404, 404)),
    ("DELETE", "evidence-bundles/{evidence}", (401, 404, 404, 404, 409, 404, 404)),
    ("GET", "evidence-bundles/{evidence}/file", (401, 404, 404, 404, 202, 404, 404)),
    ("GET", "alerts", (401, 200, 200, 200, 200, 200, 200)),
    ("GET", "alerts/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "alerts/{nothing}/take-up", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "alerts/{nothing}/dismiss", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "alerts/{nothing}/escalate", (401, 403, 403, 403, 403, 404, 404)),
    ("POST", "alerts/{nothing}/suspend", (401, 403, 403, 403, 403, 404, 403)),
    ("POST", "alerts/{nothing}/close", (401, 403, 403, 403, 403, 404, 403)),
    ("GET", "statistics/alerts", (401, 403, 403, 403, 403, 200, 200)),
    ("GET", "supervisions", (401, 200, 200, 200, 200, 200, 200)),
    ("POST", "supervisions", (401, 403, 403, 403, 403, 201, 403)),
    ("GET", "supervisions/{nothing}", (401, 404, 404, 404, 404, 404, 404)),
    ("POST", "supervisions/{nothing}/lift", (401, 403, 403, 403, 403, 404, 404)),
    ("GET", "statistics/blocked", (401, 403, 403, 403, 403, 200, 200)),
    ("GET", "statistics/stops", (401, 403, 403, 403, 403, 200, 200)),
]


WHY = {"reason": "as the table asks"}
OFFER = {"amount": "90.00", "reason": "TERM", "note": "Three years.", "binding_on": "2026-11-23"}
PLACES = {"recipient_place": "HK", "access_places": ["HK"]}
BODIES: dict[str, dict[str, object]] = {
    "organizations/{provider}/suspend": WHY,
    "organizations/{provider}/terminate": WHY,
    "organizations/{provider}/checks": {"kind": "IDENTITY", "evidence": "register"},
    "organizations/{provider}/members": {"email": "nobody@example.org", "role": "VIEWER"},
    "organizations/{provider}/members/{viewer}": {"role": "TRADER"},
    "rights/{rights}/withdraw": WHY,
    "exports/weigh": {"product": "{listed}", "recipient": "{buyer}", **PLACES},
    "standings/{provider}": {"place": "MAINLAND"},
    "products/{draft}/plan": {"kind": "FREE"},
    "products/{draft}/commitment": {"version": 1},
    "products/{draft}/return": WHY,
    "products/{draft}/delist": WHY,
    "products/{draft}/suspend": WHY,
    "products/{draft}/resume": WHY,
    "products/{draft}/price-reviews": {"route": "OPERATOR_REVIEW", "justification": "!"},
    "products/{draft}/appraisals": {"costs": {"collection": "100.00"}},
    "releases/{release}/withdraw": WHY,
    "products/{draft}/costs": {
        "kind": "collection",
        "title": "sensors",
        "amount": {"amount": "5.00"},
        "period_from": "2026-01-01",
        "period_until": "2026-01-31",
    },
    "products/{draft}/costs/{nothing}/reverse": WHY,
    "products/{draft}/quality/rules": {"rules": [{"kind": "not_null", "columns": ["a"]}]},
    "products/{draft}/training": {
        "algorithm": "score",
        "sources": [
            {"name": "x", "rights": "STATEMENT", "personal": "NONE", "grade": "GENERAL"},
        ],
    },
    "products/{draft}/quality/trial": {"rules": [{"kind": "not_null", "columns": ["a"]}]},
    "releases/{release}/derivations": {"preset": "STRICT"},
    "releases/{release}/derivations/preview": {
        "recipe": {"steps": [{"do": "drop", "column": "a"}]}
    },
    "determinations": {"product": "{listed}", "kind": "DISPUTE", **WHY},
    "regrades": {"release": "{release}", "trigger": "CONTEXT", **WHY},
    "inquiries": {"product": "{listed}", "question": "?"},
    "inquiries/{inquiry}/answer": {"answer": "!"},
    "negotiations": {
        "product": "{bargain}",
        "scenario": "pricing of travel insurance",
        **OFFER,
    },
    "negotiations/{negotiation}/accept": {"round": 1},
    "negotiations/{negotiation}/counter": {"round": 1, **OFFER},
    "negotiations/{negotiation}/refuse": {"round": 1, **WHY},
    "orders": {"product": "{listed}", "scenario": SCENARIO},
    "orders/{placed}/reject": {**WHY, "ground": "QUALITY"},
    "orders/{placed}/cancel": WHY,
    "share-agreements/{agreement}/decline": WHY,
    "orders/{placed}/release": WHY,
    "orders/{placed}/refund": WHY,
    "contracts/{contract}/terminate": {**WHY, "ground": "RIGHTS"},
    "grants/{grant}/revoke": WHY,
    "deposits": {
        "organization": "{buyer}",
        "amount": {"amount": "5.00"},
        "bank_reference": "B-1",
        "transfer_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
    },
    "log/entries/{entry}/open": {"statement": "signatory", "purpose": "inspection"},
    "grants/{grant}/inferences": {"inputs": {"X": [[1, 2]]}},
    "grants/{grant}/ask": {"by": ["origin"], "measures": [{"take": "COUNT"}]},
    "holds": {"kind": "order", "subject": "{paid}", "basis": "《数据安全法》第四十四条", **WHY},
    "log/searches": {"name": "Disputes", "filters": {"events": ["trading.order.disputed"]}},
    "log/views": {"kind": "order", "reference": "{paid}", "purpose": "inspection"},
    "evidence-bundles": {"kind": "ORDER", "reference": "{paid}", "purpose": "inspection"},
    "audits": {"disclosure": "{own_algorithm}"},
    "audits/{audit}/order": {
        "accreditation": "{nothing}",
        "order": {
            "scope": ["MODEL"],
            "criteria": "!",
            "period_from": "2026-10-01",
            "period_until": "2026-10-31",
        },
    },
    "audits/{audit}/begin": {"source": "MEASUREMENTS", "size": 1, "word": "plum"},
    "audits/{audit}/report": {"report": {"opinion": "SOUND", "summary": "!"}},
    "audits/{audit}/accept": {"declares_independence": True},
    "audits/{audit}/give-back": WHY,
    "audits/{audit}/cancel": WHY,
    "algorithm-appeals": {
        "disclosure": "{disclosure}",
        "appeal": {"wish": "EXPLANATION", "grounds": "?"},
    },
    "algorithm-appeals/{appealed}/answer": {"outcome": "UPHELD", "answer": "!"},
    "algorithm-appeals/{appealed}/extend": WHY,
    "algorithm-appeals/{appealed}/refer": WHY,
    "appeal-receipts": {"reference": "{appealed}", "secret": "?"},
    "appeal-receipts/refer": {"reference": "{appealed}", "secret": "?", **WHY},
    "appeal-receipts/withdraw": {"reference": "{appealed}", "secret": "?"},
    "appeal-receipts/erase": {"reference": "{appealed}", "secret": "?"},
    "supervisions": {"product": "{listed}", "basis": "《数据安全法》第四十四条", **WHY},
}
RECORDED = {
    "POST grants/{grant}/download",
    "POST grants/{grant}/ask",
    "POST grants/{grant}/inferences",
}  # a refused access is itself an entry


@pytest.fixture
def things(
    provider_org: Organization,
    buyer_org: Organization,
    provider: Actor,
    provider_viewer: Actor,
    buyer: Actor,
    at: datetime,
) -> dict[str, str]:
    product = make_listing(provider_org, provider, at)
    viewer = user_of(provider_viewer)
    fund(buyer.organization, "1000.00", at)
    floor = Floor(product=product, provider=provider, buyer=buyer, at=at)
    made = make_things(
        floor,
        provider_org=provider_org,
        buyer_org=buyer_org,
        provider=provider,
        buyer=buyer,
        at=at,
    )
    return made | {"viewer": str(viewer.public_id) if viewer else ""}


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
        else:
            yield path


def views(
    patterns: list[URLPattern | URLResolver], prefix: str = ""
) -> Iterator[tuple[str, object]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, path)
        else:
            yield path, getattr(pattern.callback, "cls", None)


def shape(path: str) -> str:
    """Return `path` with every variable part as `{}`."""
    if path.startswith("/audit/"):  # their patterns say which paths
        return "/audit/" + next(word for word in ("entries", "tile", "checkpoint") if word in path)
    return "/".join("{}" if part[:1] in "<{" else part for part in path.split("/"))


def _address(path: str) -> str:
    """Return a route as the table writes it: from `/api/v1/` on, or whole where it lies apart."""
    return path.removeprefix("api/v1/") if path.startswith("api/v1/") else f"/{path}"


def test_every_route_has_a_row() -> None:
    known = {shape(path) for _method, path, _statuses in TABLE}
    ours = {
        shape(_address(path))
        for path in routes(get_resolver().url_patterns)
        if path.startswith(("api/v1/", "audit/"))
    }

    assert ours - known == set()
    assert known - ours == set()


def test_every_method_has_a_row() -> None:
    known = {(method, shape(path)) for method, path, _statuses in TABLE}
    ours = {
        (method.upper(), shape(_address(path)))
        for path, view in views(get_resolver().url_patterns)
        if path.startswith(("api/v1/", "audit/"))
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(view, method)
    }

    assert ours - known == set()


@pytest.mark.parametrize(("method", "path", "statuses"), TABLE, ids=str)
def test_who_may(
    method: str,
    path: str,
    statuses: tuple[int, ...],
    callers: dict[str, APIClient],
    things: dict[str, str],
    log: Callable[[], list[tuple[str, str]]],
) -> None:
    target = path if path.startswith("/") else "/api/v1/" + path.format(**things)
    seen = []
    for name in CALLERS:
        before = log()
        body = json.dumps(BODIES.get(path, {})) if method not in ("GET", "DELETE") else ""
        for thing, reference in things.items():
            body = body.replace(f"{{{thing}}}", reference)
        response = callers[name].generic(
            method,
            target,
            body.encode(),
            content_type="application/json",
            headers={"Idempotency-Key": f"table-{name}", "Inspection-Purpose": "table"},
        )
        seen.append(response.status_code)
        if response.status_code >= 400:
            if f"{method} {path}" not in RECORDED:
                assert log() == before, name
            assert response["Content-Type"].startswith("application/problem+json"), name

    assert tuple(seen) == statuses
