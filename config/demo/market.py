"""From admission to the market: who takes part, what is listed, what is stopped."""

import io
from pathlib import Path
from typing import Any

from django.core.management import call_command

from audit.disclosure.models import Disclosure
from audit.disclosure.queries import accuracy_of, register
from audit.disclosure.services import file_platform_disclosures
from audit.log.actors import Actor
from audit.rulebook.services import publish_packs
from exchange.catalog import services as catalog
from exchange.catalog.models import Product, QualityReport
from exchange.catalog.quality import window_of
from exchange.catalog.states import ReviewRoute
from exchange.compliance.models import Screening
from exchange.compliance.services import screen_release
from exchange.delivery.queries import accesses_ended
from exchange.parties import services as parties
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from exchange.registry.services import draft_rights, state_rights
from exchange.registry.states import ProofKind
from exchange.registry.terms import Proof
from exchange.vault.services import store_object
from exchange.vault.states import Purpose
from pricing.queries import current_plan
from pricing.verification import faults_of_appraisal

from . import restricted
from .cast import MEMBERS, OPERATOR, PASSWORD, Part
from .datasets import SAMPLES
from .products import COMMON, OFFERS, OPEN_LICENSE, Offer
from .story import INSTALLER, Story


def admit(story: Story) -> None:
    """Admit the organizations."""
    say = story.teller
    say.chapter("Organizations are admitted  入场")
    for pack in publish_packs(by=INSTALLER, at=story.now):
        say.fact("rule pack in force", pack.reference, pack.sha256[:16])
    user, operator = parties.create_operator(
        email=OPERATOR.email,
        name=OPERATOR.person,
        password=PASSWORD,
        organization_name=OPERATOR.name,
        uscc=OPERATOR.uscc,
        language=OPERATOR.language,
        by=INSTALLER,
        at=story.now,
    )
    _enter(story, OPERATOR, user, operator)
    for part in MEMBERS:
        _admit(story, part)


def _admit(story: Story, part: Part) -> None:
    user = parties.register_user(
        email=part.email,
        name=part.person,
        language=part.language,
        password=PASSWORD,
        verified=True,
        by=Actor.system("sign-up"),
        at=story.now,
    )
    organization = parties.apply_for_admission(
        applicant=user,
        uscc=part.uscc,
        name=part.name,
        name_en=part.name_en,
        region=part.region,
        roles=part.roles,
        clean_record_declared=True,
        by=actor_for_user(user),
        at=story.now,
    )
    license_file = story.workdir / f"license-{part.key}.txt"
    license_file.write_text(f"{part.name}\n{part.uscc}\n", encoding="utf-8")
    applicant = actor_for_user(user)
    with license_file.open("rb") as source:
        stored = store_object(
            source=source,
            filename=license_file.name,
            purpose=Purpose.LICENSE,
            owner=organization.reference,
            by=applicant,
            at=story.now,
        )
    parties.attach_license(
        organization=organization, license_object=stored.reference, by=applicant, at=story.now
    )
    admitted = parties.admit_organization(
        organization=organization,
        checks=[
            parties.Check(kind=kind, evidence="demonstration register")
            for kind in ("IDENTITY", "LICENSE", "CLEAN_RECORD")
        ],
        by=story.actors["operator"],
        at=story.now,
    )
    _enter(story, part, user, admitted)


def _enter(story: Story, part: Part, user: Any, organization: Organization) -> None:
    story.actors[part.key] = actor_for_user(user)
    story.organizations[part.key] = organization
    roles = ", ".join(organization.roles)
    story.teller.fact(part.name, organization.reference, f"{roles}  {organization.uscc}")


def disclose(story: Story) -> None:
    """File the platform's own algorithms and measure them."""
    say = story.teller
    say.chapter("The platform discloses its own algorithms  算法披露")
    file_platform_disclosures(by=INSTALLER, at=story.now)
    say.note("Accuracy is measured now, on this machine; nothing of it is typed in.")
    say.note("This takes about twenty seconds.")
    call_command("measure_algorithms", stdout=io.StringIO())
    measured = 0
    for disclosure in register():
        measured += _tell_accuracy(story, disclosure)
    say.expect(measured > 0, f"{measured} figures measured")


def _tell_accuracy(story: Story, disclosure: Disclosure) -> int:
    rows = accuracy_of(disclosure)
    story.teller.fact(disclosure.name, disclosure.reference, f"version {disclosure.version}")
    found = [row.measured for row in rows if row.measured]
    for figure in found[:3]:
        interval = f"[{figure.ci_low}, {figure.ci_high}]" if figure.ci_low else ""
        story.teller.note(f"{figure.metric} = {figure.value} {interval} n={figure.n}")
    if not found:
        story.teller.note("not yet measured")
    return len(found)


def list_products(story: Story) -> None:
    """Bring real products through screening to listing."""
    story.teller.chapter("Real products, from upload to listing  挂牌")
    for offer in OFFERS:
        story.products[offer.key] = _list(story, offer)
        story.settle_log()
    listed = Product.objects.filter(status="LISTED").count()
    story.teller.expect(listed == len(OFFERS), f"{listed} products are on the market")


def _list(story: Story, offer: Offer) -> Product:
    say, by, sample = story.teller, story.actors[offer.provider], SAMPLES[offer.key]
    path = sample.write(story.workdir)
    product = catalog.create_product(
        provider=story.organizations[offer.provider],
        manual=dict(offer.manual),
        by=by,
        at=story.now,
    )
    say.fact(offer.manual["name"], product.reference, f"{path.name}, {sample.license_name}")
    _state_rights(story, product, offer, by)
    with say.progress(path.name) as bar, path.open("rb") as source:
        release = catalog.upload_release(
            product=product, source=source, filename=path.name, by=by, at=story.now, progress=bar
        )
    say.fact("    read", release.reference, f"{release.rows:,} rows, {release.encoding}")
    catalog.submit_release(release=release, by=by, at=story.now)
    with say.progress("screening") as bar:
        screening = screen_release(
            release=release, by=Actor.system("screening"), at=story.now, progress=bar
        )
    verdict = f"{screening.outcome}, {screening.grade}, level {screening.level}"
    say.fact("    screened", screening.reference, verdict)
    if offer.quality:
        _measure(story, product, offer)
    catalog.price_product(product=product, terms=offer.terms, by=by, at=story.now)
    appraisal = catalog.appraise_product(
        product=product,
        costs=offer.costs,
        expected_buyers=offer.expected_buyers,
        by=by,
        at=story.now,
    )
    band = f"{appraisal.low} – {appraisal.high}"
    say.fact("    appraised", appraisal.reference, band)
    appraisal.refresh_from_db()
    say.expect(not faults_of_appraisal(appraisal), "signature and working of the appraisal hold")
    catalog.accept_commitment(
        product=product, expected_version=product.version, by=by, at=story.now
    )
    deviation = catalog.listing_facts(product, at=story.now).deviation
    if deviation is not None and deviation.needs_review:
        _review(story, product, offer)
    catalog.request_listing(product=product, justification=offer.justification, by=by, at=story.now)
    catalog.list_product(
        product=product, note=offer.operator_note, by=story.actors["operator"], at=story.now
    )
    product.refresh_from_db()
    return product


def _review(story: Story, product: Product, offer: Offer) -> None:
    """Have a price far outside its band reviewed by the operator, whose reasons buyers read."""
    review = catalog.request_price_review(
        product=product,
        route=ReviewRoute.OPERATOR_REVIEW,
        justification=offer.justification,
        by=story.actors[offer.provider],
        at=story.now,
    )
    catalog.decide_price_review(
        review=review,
        uphold=True,
        reasons=offer.operator_note,
        by=story.actors["operator"],
        at=story.now,
    )
    story.teller.fact("    price reviewed", review.reference, "may stand, with reasons")


def _measure(story: Story, product: Product, offer: Offer) -> None:
    """Declare what every row keeps to, and have the release measured by it."""
    by = story.actors[offer.provider]
    product.refresh_from_db()
    catalog.declare_quality_rules(
        product=product, document={"rules": list(offer.quality)}, by=by, at=story.now
    )
    report = QualityReport.objects.get(release=product.current)
    since, until = window_of(story.now)
    measured = catalog.measure_quality(
        report=report,
        accesses=accesses_ended(product, since=since, until=until),
        clock=lambda: story.now,
    )
    story.teller.fact("    measured", measured.reference, f"{measured.score_rate} {measured.grade}")


def _state_rights(story: Story, product: Product, offer: Offer, by: Actor) -> None:
    sample = SAMPLES[offer.key]
    proof = story.workdir / f"{offer.key}-license.txt"
    proof.write_text(f"{sample.source}\n{sample.license_name}\n", encoding="utf-8")
    with proof.open("rb") as source:
        stored = store_object(
            source=source,
            filename=proof.name,
            purpose=Purpose.PROOF,
            owner=product.provider.reference,
            by=by,
            at=story.now,
        )
    terms = {
        **OPEN_LICENSE,
        "title": product.name,
        "source_note": offer.source_note,
        "license_name": sample.license_name,
    }
    statement = draft_rights(
        organization=product.provider,
        terms=terms,
        proofs=[Proof(kind=ProofKind.LICENSE, file=stored)],
        by=by,
        at=story.now,
    )
    state_rights(statement=statement, by=by, at=story.now)
    catalog.attach_rights(product=product, rights=statement, by=by, at=story.now)


def stop_restricted(story: Story) -> None:
    """Show that what may not be traded is stopped, whatever it is called."""
    say = story.teller
    say.chapter("Three restricted uploads are stopped  拦截")
    stopped = 0
    for name, make in (
        ("会员消费分析", restricted.customers),
        ("慢病用药研究数据", restricted.patients),
        ("设施点位", restricted.military_sites),
    ):
        stopped += _try_restricted(story, name, make(story.workdir))
    say.expect(stopped == 3, "all three were stopped")  # noqa: PLR2004  the three above


def _try_restricted(story: Story, name: str, path: Path) -> bool:
    say, by = story.teller, story.actors["harbor"]
    manual = {**COMMON, "name": name, "abstract": "一般统计数据。", "sector": "COMMERCE"}
    product = catalog.create_product(
        provider=story.organizations["harbor"], manual=manual, by=by, at=story.now
    )
    with path.open("rb") as source:
        release = catalog.upload_release(
            product=product, source=source, filename=path.name, by=by, at=story.now
        )
    catalog.submit_release(release=release, by=by, at=story.now)
    screening = screen_release(release=release, by=Actor.system("screening"), at=story.now)
    say.refused(
        f"{path.name}  {release.reference}  {screening.reference}",
        f"{screening.outcome}: {screening.grade}, {screening.personal}, "
        f"rules {', '.join(screening.rules)}",
    )
    for rule in _rules_of(screening)[:3]:
        say.note(f"{rule['id']}  {rule['basis']}")
    release.refresh_from_db()
    return release.status == "BLOCKED"


def show_bands(story: Story) -> None:
    """Put every self-set price beside its band."""
    say = story.teller
    say.chapter("A band beside every self-set price  自定+评估")
    for product in Product.objects.filter(status="LISTED").order_by("pk"):
        plan = current_plan(product.reference)
        facts = catalog.listing_facts(product, at=story.now)
        deviation = facts.deviation
        if plan is None or deviation is None:
            say.expect(False, f"{product.reference} has a price and a band")
            continue
        band = f"{deviation.low} ≤ {deviation.mid} ≤ {deviation.high}"
        say.fact(product.name, product.reference, f"asks {deviation.ask}  ({plan.kind})")
        say.note(f"band {band}; {deviation.rate:+.0%} → {deviation.zone}")
        if product.justification:
            say.note(f"justified: {product.justification}")
    far = story.products["gapminder"]
    say.expect(far.zone == "RED", f"{far.reference} is far above its band, with its reasons")


def _rules_of(screening: Screening) -> list[dict[str, Any]]:
    found = screening.report.get("rules", [])
    return [
        {"id": rule["id"], "basis": _text(rule.get("basis", ""))}
        for rule in found
        if rule["id"] in screening.rules
    ]


def _text(value: Any) -> str:
    return str(value.get("en") or value.get("zh")) if isinstance(value, dict) else str(value)
