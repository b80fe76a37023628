"""The life of a screening and of a case, and the words their verdicts are given in."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle, Step


class ScreeningState(TextChoices):
    """How far the reading of one release's content has come."""

    QUEUED = "QUEUED", _("queued")
    RUNNING = "RUNNING", _("running")
    DONE = "DONE", _("done")
    FAILED = "FAILED", _("failed")


class Outcome(TextChoices):
    """What follows from the content for the release."""

    CLEAR = "CLEAR", _("clear")
    REVIEW = "REVIEW", _("review")
    BLOCK = "BLOCK", _("blocked")
    REFUSED = "REFUSED", _("not readable")


class Grade(TextChoices):
    """Grades of data (GB/T 43697-2024, 6.1): general, important, core."""

    GENERAL = "GENERAL", _("general data")
    IMPORTANT = "IMPORTANT", _("important data")
    CORE = "CORE", _("core data")


class PersonalClass(TextChoices):
    """Whether the content is about identifiable persons (《个人信息保护法》第四条、第二十八条)."""

    NONE = "NONE", _("no personal information")
    PSEUDONYMOUS = "PSEUDONYMOUS", _("de-identified personal information")
    PERSONAL = "PERSONAL", _("personal information")
    SENSITIVE = "SENSITIVE", _("sensitive personal information")


class CaseState(TextChoices):
    """Where a case on one screening stands."""

    OPEN = "OPEN", _("file with the provider")
    SUBMITTED = "SUBMITTED", _("awaiting decision")
    PROPOSED = "PROPOSED", _("awaiting the second person")
    APPROVED = "APPROVED", _("approved")
    REJECTED = "REJECTED", _("rejected")
    LAPSED = "LAPSED", _("approval lapsed")
    CLOSED = "CLOSED", _("closed without a decision")


class CaseKind(TextChoices):
    """What a case is about, and so what its file has to show."""

    IMPORTANT = "IMPORTANT", _("important data")
    SENSITIVE_PERSONAL = "SENSITIVE_PERSONAL", _("sensitive personal information")
    REVIEW = "REVIEW", _("review")


class ProposalState(TextChoices):
    """What became of a decision that one person proposed."""

    MADE = "MADE", _("awaiting the second person")
    CONFIRMED = "CONFIRMED", _("confirmed")
    DECLINED = "DECLINED", _("declined by the second person")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")
    VOIDED = "VOIDED", _("void: what it was bound to changed")


class AppealState(TextChoices):
    """What became of an appeal."""

    LODGED = "LODGED", _("awaiting an answer")
    UPHELD = "UPHELD", _("the decision stands")
    RESCREENED = "RESCREENED", _("screened again")
    REOPENED = "REOPENED", _("case reopened")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")


class Wish(TextChoices):
    """What an appeal asks for."""

    RESCREEN = "RESCREEN", _("that the content is screened again")
    DECISION = "DECISION", _("that the case is decided anew")


class Answer(TextChoices):
    """How an appeal may be answered; none of these lets a release pass."""

    UPHOLD = "UPHOLD", _("the block stands")
    RESCREEN = "RESCREEN", _("the filter reads the content again")
    REOPEN = "REOPEN", _("the case is decided anew")


class Opinion(TextChoices):
    """What the competent authority says of providing important data."""

    AGREES = "AGREES", _("agrees")
    AGREES_CONDITIONALLY = "AGREES_CONDITIONALLY", _("agrees under conditions")
    REFUSES = "REFUSES", _("does not agree")


class Conclusion(TextChoices):
    """What an assessment comes to."""

    ACCEPTABLE = "ACCEPTABLE", _("the risk is acceptable")
    ACCEPTABLE_WITH_MEASURES = "ACCEPTABLE_WITH_MEASURES", _("acceptable with further measures")
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE", _("the risk is not acceptable")


class Authority(TextChoices):
    """Who may decide a case."""

    OPERATOR = "OPERATOR", _("operator or regulator")
    REGULATOR = "REGULATOR", _("regulator only")


class RescreeningState(TextChoices):
    """How far a new version of the rules has reached what is on the market."""

    PREPARING = "PREPARING", _("reading ahead")
    APPLYING = "APPLYING", _("being applied")
    DONE = "DONE", _("done")
    CANCELLED = "CANCELLED", _("cancelled")


class ItemOutcome(TextChoices):
    """What a new version of the rules meant for one release."""

    RENEWED = "RENEWED", _("passes")
    STOPPED = "STOPPED", _("stopped")
    FAILED = "FAILED", _("could not be read")
    LEFT = "LEFT", _("no longer on the market")


SCREENING = Lifecycle(
    "screening",
    ScreeningState,
    initial=ScreeningState.QUEUED,
    start=Step({ScreeningState.QUEUED}, ScreeningState.RUNNING),
    finish=Step({ScreeningState.RUNNING}, ScreeningState.DONE),
    put_back=Step({ScreeningState.RUNNING}, ScreeningState.QUEUED),
    fail=Step({ScreeningState.QUEUED, ScreeningState.RUNNING}, ScreeningState.FAILED),
)

CASE = Lifecycle(
    "case",
    CaseState,
    initial=CaseState.OPEN,
    submit=Step({CaseState.OPEN}, CaseState.SUBMITTED),
    send_back=Step({CaseState.SUBMITTED}, CaseState.OPEN),
    propose=Step({CaseState.OPEN, CaseState.SUBMITTED}, CaseState.PROPOSED),
    drop=Step({CaseState.PROPOSED}, CaseState.SUBMITTED),
    approve=Step({CaseState.PROPOSED}, CaseState.APPROVED),
    reject=Step({CaseState.PROPOSED}, CaseState.REJECTED),
    lapse=Step({CaseState.APPROVED}, CaseState.LAPSED),
    reopen=Step({CaseState.REJECTED}, CaseState.SUBMITTED),
    close=Step(
        {CaseState.OPEN, CaseState.SUBMITTED, CaseState.PROPOSED, CaseState.APPROVED},
        CaseState.CLOSED,
    ),
)
"""`drop` is what becomes of a case whose proposal was declined, withdrawn or void."""

PROPOSAL = Lifecycle(
    "proposal",
    ProposalState,
    initial=ProposalState.MADE,
    confirm=Step({ProposalState.MADE}, ProposalState.CONFIRMED),
    decline=Step({ProposalState.MADE}, ProposalState.DECLINED),
    withdraw=Step({ProposalState.MADE}, ProposalState.WITHDRAWN),
    void=Step({ProposalState.MADE}, ProposalState.VOIDED),
)

APPEAL = Lifecycle(
    "appeal",
    AppealState,
    initial=AppealState.LODGED,
    uphold=Step({AppealState.LODGED}, AppealState.UPHELD),
    rescreen=Step({AppealState.LODGED}, AppealState.RESCREENED),
    reopen=Step({AppealState.LODGED}, AppealState.REOPENED),
    withdraw=Step({AppealState.LODGED}, AppealState.WITHDRAWN),
)

UNDECIDED = (CaseState.OPEN, CaseState.SUBMITTED, CaseState.PROPOSED)
"""States of a case that somebody still owes something."""

RESCREENING = Lifecycle(
    "rescreening",
    RescreeningState,
    initial=RescreeningState.PREPARING,
    apply=Step({RescreeningState.PREPARING, RescreeningState.DONE}, RescreeningState.APPLYING),
    finish=Step({RescreeningState.APPLYING}, RescreeningState.DONE),
    cancel=Step({RescreeningState.PREPARING}, RescreeningState.CANCELLED),
)


class DerivationState(TextChoices):
    """How far the making of a derived release has come."""

    QUEUED = "QUEUED", _("queued")
    RUNNING = "RUNNING", _("running")
    DONE = "DONE", _("done")
    FAILED = "FAILED", _("failed")


class DerivedKind(TextChoices):
    """How far a derived release stands from its source (GB/T 43697-2024 附录 I)."""

    RAW = "RAW", _("rows of the source")
    MASKED = "MASKED", _("masked or generalized")
    STATISTIC = "STATISTIC", _("statistics")


DERIVATION = Lifecycle(
    "derivation",
    DerivationState,
    initial=DerivationState.QUEUED,
    start=Step({DerivationState.QUEUED}, DerivationState.RUNNING),
    resume=Step({DerivationState.RUNNING}, DerivationState.QUEUED),
    finish=Step({DerivationState.RUNNING}, DerivationState.DONE),
    fail=Step({DerivationState.QUEUED, DerivationState.RUNNING}, DerivationState.FAILED),
)


class DeterminationKind(TextChoices):
    """What a reviewer may determine about a product."""

    FACTOR = "FACTOR", _("factor of Annex G")
    IMPACT = "IMPACT", _("object and degree of harm")
    CATALOG = "CATALOG", _("listed as important data")
    CORE_DATA = "CORE_DATA", _("core data")
    DISPUTE = "DISPUTE", _("ownership in dispute")


class DeterminationState(TextChoices):
    """Whether a determination holds."""

    STANDING = "STANDING", _("standing")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")


class Trigger(TextChoices):
    """What calls for a new grading (GB/T 43697-2024, Annex J)."""

    SCALE = "SCALE", _("change of scale")
    CONTEXT = "CONTEXT", _("change of time, scene or processing")
    MERGE = "MERGE", _("merged with other data")
    PARTIAL_MERGE = "PARTIAL_MERGE", _("merged in part")
    FUSION = "FUSION", _("fused to a new class")
    DEIDENTIFY = "DEIDENTIFY", _("masked or de-identified")
    INCIDENT = "INCIDENT", _("security incident")
    REGULATOR = "REGULATOR", _("demand of an authority")
    OTHER = "OTHER", _("another reason")


class RegradeState(TextChoices):
    """Whether a re-grading is still owed."""

    DUE = "DUE", _("due")
    DONE = "DONE", _("done")


DETERMINATION = Lifecycle(
    "determination",
    DeterminationState,
    initial=DeterminationState.STANDING,
    withdraw=Step({DeterminationState.STANDING}, DeterminationState.WITHDRAWN),
)

REGRADE = Lifecycle(
    "regrade",
    RegradeState,
    initial=RegradeState.DUE,
    close=Step({RegradeState.DUE}, RegradeState.DONE),
)


class Whereabouts(TextChoices):
    """Where somebody is, as the rules on export tell places apart; all but the first is outside."""

    MAINLAND = "MAINLAND", _("mainland of China")
    HK = "HK", _("Hong Kong")
    MO = "MO", _("Macao")
    TW = "TW", _("Taiwan")
    ABROAD = "ABROAD", _("another country or region")
    UNKNOWN = "UNKNOWN", _("not known")


class DeclaredPlace(TextChoices):
    """The places that somebody can declare."""

    MAINLAND = "MAINLAND", _("mainland of China")
    HK = "HK", _("Hong Kong")
    MO = "MO", _("Macao")
    TW = "TW", _("Taiwan")
    ABROAD = "ABROAD", _("another country or region")


class FilingKind(TextChoices):
    """What is put on file for exports (《促进和规范数据跨境流动规定》第三条至第十条)."""

    SECURITY_ASSESSMENT = "SECURITY_ASSESSMENT", _("security assessment")
    STANDARD_CONTRACT = "STANDARD_CONTRACT", _("standard contract")
    CERTIFICATION = "CERTIFICATION", _("certification")
    GBA_CONTRACT = "GBA_CONTRACT", _("Greater Bay Area contract")
    ZONE_FILING = "ZONE_FILING", _("filing in a free trade zone")
    EXEMPTION = "EXEMPTION", _("ground for exemption")
    IMPACT_ASSESSMENT = "IMPACT_ASSESSMENT", _("impact assessment")
    SEPARATE_CONSENT = "SEPARATE_CONSENT", _("notice and separate consent")


class FilingState(TextChoices):
    """Whether what was filed counts."""

    FILED = "FILED", _("to be verified")
    VERIFIED = "VERIFIED", _("verified")
    REJECTED = "REJECTED", _("rejected")
    EXPIRED = "EXPIRED", _("expired")
    REVOKED = "REVOKED", _("revoked")


FILING = Lifecycle(
    "filing",
    FilingState,
    initial=FilingState.FILED,
    verify=Step({FilingState.FILED}, FilingState.VERIFIED),
    reject=Step({FilingState.FILED}, FilingState.REJECTED),
    expire=Step({FilingState.FILED, FilingState.VERIFIED}, FilingState.EXPIRED),
    revoke=Step({FilingState.FILED, FilingState.VERIFIED}, FilingState.REVOKED),
)
