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

    OPEN = "OPEN", _("awaiting decision")
    APPROVED = "APPROVED", _("approved")
    REJECTED = "REJECTED", _("rejected")


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
    fail=Step({ScreeningState.QUEUED, ScreeningState.RUNNING}, ScreeningState.FAILED),
)

CASE = Lifecycle(
    "case",
    CaseState,
    initial=CaseState.OPEN,
    approve=Step({CaseState.OPEN}, CaseState.APPROVED),
    reject=Step({CaseState.OPEN}, CaseState.REJECTED),
)

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
