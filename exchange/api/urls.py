"""Routes of the REST interface, room by room."""

from django.urls import URLPattern, URLResolver, path, register_converter
from drf_spectacular.views import SpectacularSwaggerSplitView

from . import (
    appeals,
    cases,
    catalog,
    compliance,
    contracts,
    delivery,
    derivations,
    description,
    disclosure,
    evidence,
    exports,
    health,
    listing,
    log,
    members,
    oversight,
    parties,
    pricing,
    problems,
    registry,
    releases,
    retention,
    rule_drafts,
    rulebook,
    session,
    settlement,
    trading,
    trail,
    vault,
    weighing,
)


class ReferenceConverter:
    """What may stand for a thing in an address; anything else is an unknown address."""

    regex = r"[0-9A-Za-z@._-]{1,64}"

    def to_python(self, value: str) -> str:
        """Return the reference."""
        return value

    def to_url(self, value: str) -> str:
        """Return the part of the address."""
        return value


class LinkConverter(ReferenceConverter):
    """The token of a signed link."""

    regex = r"[0-9A-Za-z._-]{1,1024}"


register_converter(ReferenceConverter, "reference")
register_converter(LinkConverter, "link")
THING = "<reference:reference>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema", description.DescriptionView.as_view(), name="api-schema"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("me", session.Me.as_view(), name="api-me"),
    path("problems", problems.ProblemTypes.as_view()),
    path("problems/<reference:code>", problems.ProblemTypeDetail.as_view(), name="api-problem"),
    # parties
    path("organizations", parties.Organizations.as_view(), name="api-organizations"),
    path(f"organizations/{THING}", parties.OrganizationDetail.as_view()),
    path(f"organizations/{THING}/admit", parties.Admit.as_view()),
    path(f"organizations/{THING}/license", parties.License.as_view()),
    path(f"organizations/{THING}/checks", parties.Checks.as_view()),
    *[
        path(f"organizations/{THING}/{verb}", view.as_view())
        for verb, view in parties.decision_views.items()
    ],
    path(f"organizations/{THING}/members", members.Members.as_view()),
    path(f"organizations/{THING}/members/<reference:member>", members.MemberDetail.as_view()),
    path(
        f"organizations/{THING}/members/<reference:member>/erase",
        retention.EraseMember.as_view(),
    ),
    path(f"organizations/{THING}/tokens", members.Tokens.as_view()),
    path("tokens/<reference:prefix>/revoke", members.RevokeToken.as_view()),
    # files and rights
    path("objects", vault.Objects.as_view()),
    path(f"objects/{THING}", vault.ObjectDetail.as_view()),
    path("rights", registry.RightsStatements.as_view()),
    path(f"rights/{THING}", registry.RightsDetail.as_view()),
    path(f"rights/{THING}/state", registry.StateRights.as_view()),
    path(f"rights/{THING}/withdraw", registry.WithdrawRights.as_view()),
    # catalog and prices
    path("products", catalog.Products.as_view(), name="api-products"),
    path("products/facets", catalog.Facets.as_view()),
    path(f"products/{THING}", catalog.ProductDetail.as_view(), name="api-product"),
    path(f"products/{THING}/rights", listing.ProductRights.as_view()),
    path(f"products/{THING}/commitment", listing.Commitment.as_view()),
    path(f"products/{THING}/plan", listing.ProductPlan.as_view()),
    *[path(f"products/{THING}/{verb}", view.as_view()) for verb, view in listing.VERBS.items()],
    path(f"products/{THING}/releases", releases.Releases.as_view()),
    path(f"releases/{THING}", releases.ReleaseDetail.as_view()),
    path(f"releases/{THING}/submit", releases.SubmitRelease.as_view()),
    path(f"releases/{THING}/withdraw", releases.WithdrawRelease.as_view()),
    path(f"releases/{THING}/proposal", derivations.Proposal.as_view()),
    path(f"releases/{THING}/derivations", derivations.Derivations.as_view()),
    path(f"releases/{THING}/derivations/preview", derivations.DerivationPreview.as_view()),
    path(f"derivations/{THING}", derivations.DerivationDetail.as_view()),
    path("recipes/schema", derivations.RecipeSchema.as_view()),
    path(f"products/{THING}/appraisals", pricing.Appraisals.as_view()),
    path(f"appraisals/{THING}", pricing.BandDetail.as_view()),
    path(f"appraisals/{THING}/report", pricing.AppraisalReport.as_view()),
    # compliance
    path("filings", exports.Filings.as_view()),
    path(f"filings/{THING}", exports.FilingDetail.as_view()),
    path(f"filings/{THING}/verify", exports.VerifyFiling.as_view()),
    path(f"filings/{THING}/reject", exports.RejectFiling.as_view()),
    path(f"filings/{THING}/revoke", exports.RevokeFiling.as_view()),
    path(f"filings/{THING}/complete", exports.CompleteFiling.as_view()),
    path("exports", exports.Exports.as_view()),
    path("exports/years", exports.ExportYears.as_view()),
    path("exports/warnings", exports.ExportWarnings.as_view()),
    path("exports/weigh", weighing.WeighExport.as_view()),
    path(f"exports/{THING}", exports.ExportDetail.as_view()),
    path("standings", exports.Standings.as_view()),
    path(f"standings/{THING}", exports.SetStanding.as_view()),
    path("screenings", compliance.Screenings.as_view()),
    path(f"screenings/{THING}", compliance.ScreeningDetail.as_view()),
    path("cases", cases.Cases.as_view()),
    path(f"cases/{THING}", cases.CaseDetail.as_view()),
    path(f"cases/{THING}/file/<reference:head>", cases.CasePart.as_view()),
    path(f"cases/{THING}/documents/<reference:document>", cases.CaseDocument.as_view()),
    *[path(f"cases/{THING}/{verb}", view.as_view()) for verb, view in cases.VERBS.items()],
    path("appeals", appeals.Appeals.as_view()),
    path(f"appeals/{THING}", appeals.AppealDetail.as_view()),
    path(f"appeals/{THING}/answer", appeals.AnswerAppeal.as_view()),
    path(f"appeals/{THING}/withdraw", appeals.WithdrawAppeal.as_view()),
    path("sealed", appeals.Sealed.as_view()),
    path(f"sealed/{THING}/file", appeals.SealedFile.as_view()),
    path("rule-packs", rulebook.Packs.as_view()),
    path(f"rule-packs/{THING}", rulebook.PackDetail.as_view()),
    path(f"rule-packs/{THING}/withdraw", rule_drafts.WithdrawPack.as_view()),
    path("rule-drafts", rule_drafts.RuleDrafts.as_view()),
    path(f"rule-drafts/{THING}", rule_drafts.RuleDraftDetail.as_view()),
    *[
        path(f"rule-drafts/{THING}/{verb}", view.as_view())
        for verb, view in rule_drafts.DRAFT_VERBS.items()
    ],
    path("rescreenings", rule_drafts.Rescreenings.as_view()),
    path(f"rescreenings/{THING}", rule_drafts.RescreeningDetail.as_view()),
    # trading
    path("demands", trading.Demands.as_view()),
    path(f"demands/{THING}", trading.DemandDetail.as_view()),
    path(f"demands/{THING}/close", trading.CloseDemand.as_view()),
    path("inquiries", trading.Inquiries.as_view()),
    path(f"inquiries/{THING}", trading.InquiryDetail.as_view()),
    path(f"inquiries/{THING}/answer", trading.AnswerInquiry.as_view()),
    path("orders", trading.Orders.as_view(), name="api-orders"),
    path(f"orders/{THING}", trading.OrderDetail.as_view()),
    path(f"orders/{THING}/pay", trading.PayOrder.as_view()),
    *[path(f"orders/{THING}/{verb}", view.as_view()) for verb, view in trading.ORDER_VERBS.items()],
    path("contracts", contracts.Contracts.as_view()),
    path(f"contracts/{THING}", contracts.ContractDetail.as_view()),
    path(f"contracts/{THING}/sign", contracts.SignContract.as_view()),
    path(f"contracts/{THING}/terminate", contracts.TerminateContract.as_view()),
    path(f"certificates/{THING}", contracts.CertificateDetail.as_view(), name="api-certificate"),
    path(f"certificates/{THING}/document", contracts.CertificateDocument.as_view()),
    # delivery
    path("grants", delivery.Grants.as_view()),
    path(f"grants/{THING}", delivery.GrantDetail.as_view()),
    path(f"grants/{THING}/download", delivery.TakeDownload.as_view()),
    path(f"grants/{THING}/revoke", delivery.RevokeGrant.as_view()),
    path(f"accesses/{THING}/link", delivery.AccessLink.as_view()),
    path("bytes/<link:token>", delivery.Bytes.as_view(), name="api-bytes"),
    # settlement
    path(f"accounts/{THING}", settlement.Balance.as_view()),
    path(f"accounts/{THING}/statement", settlement.StatementView.as_view()),
    path("deposits", settlement.Deposits.as_view()),
    path("withdrawals", settlement.Withdrawals.as_view()),
    # disclosure
    path("disclosures", disclosure.Disclosures.as_view()),
    path(f"disclosures/{THING}", disclosure.DisclosureDetail.as_view()),
    path(f"disclosures/{THING}/file", disclosure.FileDisclosure.as_view()),
    path(f"disclosures/{THING}/withdraw", disclosure.WithdrawDisclosure.as_view()),
    path(f"disclosures/{THING}/measurements", disclosure.Measurements.as_view()),
    # the log and its watch
    path("log/head", log.Head.as_view(), name="api-log-head"),
    path("log/health", health.LogHealth.as_view(), name="api-log-health"),
    path("log/metrics", health.Metrics.as_view()),
    path("log/entries", trail.Trail.as_view()),
    path("log/export", trail.TrailExport.as_view(), name="api-log-export"),
    path("log/entries/<uuid:identity>", log.EntryDetail.as_view()),
    path("log/entries/<uuid:identity>/receipt", log.Receipt.as_view(), name="api-receipt"),
    path(f"log/timeline/<reference:kind>/{THING}", trail.Timeline.as_view()),
    path("log/views", oversight.Views.as_view()),
    path("evidence-bundles", evidence.EvidenceBundles.as_view()),
    path(f"evidence-bundles/{THING}", evidence.EvidenceDetail.as_view()),
    path(
        f"evidence-bundles/{THING}/file",
        evidence.EvidenceFile.as_view(),
        name="api-evidence-file",
    ),
    path("log/entries/<uuid:identity>/open", retention.OpenStatement.as_view()),
    path("holds", retention.Holds.as_view()),
    path(f"holds/{THING}", retention.HoldDetail.as_view()),
    path(f"holds/{THING}/lift", retention.LiftHold.as_view()),
    path("destructions", retention.Destructions.as_view()),
    path(f"destructions/{THING}", retention.DestructionDetail.as_view()),
    path("retention/due", retention.DueRecords.as_view()),
    path(f"retention/<reference:kind>/{THING}", retention.Terms.as_view()),
    path("erasures", retention.Erasures.as_view()),
    path(f"erasures/{THING}", retention.ErasureDetail.as_view()),
    path("supervisions", oversight.Supervisions.as_view()),
    path(f"supervisions/{THING}", oversight.SupervisionDetail.as_view()),
    path(f"supervisions/{THING}/lift", oversight.LiftSupervision.as_view()),
    path("log/searches", trail.SavedSearches.as_view()),
    path(f"log/searches/{THING}", trail.SavedSearchDetail.as_view()),
    path(f"log/searches/{THING}/findings", trail.Findings.as_view()),
    path("statistics/blocked", oversight.BlockedStatistics.as_view()),
    path("statistics/stops", oversight.Stops.as_view()),
]
