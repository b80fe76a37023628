"""Lives of an audit of an algorithm, of its findings, and of an appeal against a decision."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle, Step


class ScopePart(models.TextChoices):
    """What is audited (《算法推荐管理规定》第八条: 算法机制机理、模型、数据和应用结果)."""

    MECHANISM = "MECHANISM", _("mechanism")
    MODEL = "MODEL", _("model")
    DATA = "DATA", pgettext_lazy("audit", "data")
    RESULTS = "RESULTS", _("results in use")


class Origin(models.TextChoices):
    """Who brought an audit about."""

    SCHEDULE = "SCHEDULE", _("the schedule")
    OWNER = "OWNER", _("the owner of the algorithm")
    REGULATOR = "REGULATOR", _("a regulator")


class SampleSource(models.TextChoices):
    """Records of an algorithm that a sample is drawn from."""

    DECISIONS = "DECISIONS", _("decisions of the algorithm")
    MEASUREMENTS = "MEASUREMENTS", _("runs that measured its accuracy")
    INFERENCES = "INFERENCES", _("calls of the model by buyers")


class Opinion(models.TextChoices):
    """What an auditor says of the algorithm as a whole."""

    SOUND = "SOUND", _("as disclosed, without findings")
    QUALIFIED = "QUALIFIED", _("as disclosed but for the findings")
    ADVERSE = "ADVERSE", _("not as disclosed")


class AuditState(models.TextChoices):
    """How far an audit is."""

    PLANNED = "PLANNED", _("due, no auditor yet")
    ORDERED = "ORDERED", _("waiting for the auditor")
    ACCEPTED = "ACCEPTED", _("taken on by the auditor")
    FIELDWORK = "FIELDWORK", _("fieldwork")
    REPORTED = "REPORTED", _("reported, findings open")
    CLOSED = "CLOSED", pgettext_lazy("audit", "closed")
    CANCELLED = "CANCELLED", pgettext_lazy("audit", "cancelled")


UNDER_WAY = (
    AuditState.PLANNED,
    AuditState.ORDERED,
    AuditState.ACCEPTED,
    AuditState.FIELDWORK,
)
"""States in which the report is still owed."""

AUDIT = Lifecycle(
    "algorithm_audit",
    AuditState,
    initial=AuditState.PLANNED,
    order=Step({AuditState.PLANNED}, AuditState.ORDERED),
    accept=Step({AuditState.ORDERED}, AuditState.ACCEPTED),
    give_back=Step({AuditState.ORDERED, AuditState.ACCEPTED}, AuditState.PLANNED),
    begin=Step({AuditState.ACCEPTED}, AuditState.FIELDWORK),
    report=Step({AuditState.FIELDWORK}, AuditState.REPORTED),
    close=Step({AuditState.REPORTED}, AuditState.CLOSED),
    cancel=Step(set(UNDER_WAY), AuditState.CANCELLED),
)


class Severity(models.TextChoices):
    """How grave a finding is; the time to remedy it follows from it."""

    MINOR = "MINOR", _("minor")
    MAJOR = "MAJOR", _("major")
    CRITICAL = "CRITICAL", _("critical")


class FindingState(models.TextChoices):
    """What became of a finding."""

    OPEN = "OPEN", _("waiting for the owner")
    ANSWERED = "ANSWERED", _("answered, not yet accepted")
    OVERDUE = "OVERDUE", _("past its time limit")
    TAKEN_OVER = "TAKEN_OVER", _("taken over by the regulator")
    CLOSED = "CLOSED", _("remedied")


UNSETTLED = (FindingState.OPEN, FindingState.ANSWERED, FindingState.OVERDUE)
"""States in which a finding keeps its audit from closing."""

FINDING = Lifecycle(
    "audit_finding",
    FindingState,
    initial=FindingState.OPEN,
    answer=Step({FindingState.OPEN, FindingState.OVERDUE}, FindingState.ANSWERED),
    send_back=Step({FindingState.ANSWERED}, FindingState.OPEN),
    escalate=Step({FindingState.OPEN}, FindingState.OVERDUE),
    take_over=Step(set(UNSETTLED), FindingState.TAKEN_OVER),
    close=Step({FindingState.ANSWERED, FindingState.TAKEN_OVER}, FindingState.CLOSED),
)


class NoteKind(models.TextChoices):
    """Who said what about a finding after it was reported."""

    ANSWER = "ANSWER", _("answer of the owner")
    SENT_BACK = "SENT_BACK", _("sent back")
    TAKEN_OVER = "TAKEN_OVER", _("taken over by the regulator")
    CLOSED = "CLOSED", _("accepted as remedied")


class Wish(models.TextChoices):
    """What an affected person asks for (《个人信息保护法》第二十四条; 算法推荐管理规定第十七条)."""

    EXPLANATION = "EXPLANATION", _("an explanation")
    HUMAN_REVIEW = "HUMAN_REVIEW", _("a decision by a person")
    CORRECTION = "CORRECTION", _("that wrong data is corrected")
    OPT_OUT = "OPT_OUT", _("not to be subject to the algorithm")


class AppealState(models.TextChoices):
    """How far an appeal is (算法推荐管理规定第二十二条: 申诉入口、处理流程和反馈时限)."""

    LODGED = "LODGED", _("waiting for an answer")
    OVERDUE = "OVERDUE", _("past the time for an answer")
    REFERRED = "REFERRED", _("before the regulator")
    UPHELD = "UPHELD", pgettext_lazy("appeal", "upheld")
    PARTLY_UPHELD = "PARTLY_UPHELD", _("upheld in part")
    REJECTED = "REJECTED", pgettext_lazy("appeal", "rejected")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("appeal", "withdrawn")


WAITING = (AppealState.LODGED, AppealState.OVERDUE, AppealState.REFERRED)
"""States in which somebody owes an answer."""
OUTCOMES = (AppealState.UPHELD, AppealState.PARTLY_UPHELD, AppealState.REJECTED)

ALGORITHM_APPEAL = Lifecycle(
    "algorithm_appeal",
    AppealState,
    initial=AppealState.LODGED,
    uphold=Step(set(WAITING), AppealState.UPHELD),
    uphold_partly=Step(set(WAITING), AppealState.PARTLY_UPHELD),
    reject=Step(set(WAITING), AppealState.REJECTED),
    miss=Step({AppealState.LODGED}, AppealState.OVERDUE),
    refer=Step(
        {AppealState.OVERDUE, AppealState.PARTLY_UPHELD, AppealState.REJECTED},
        AppealState.REFERRED,
    ),
    withdraw=Step(set(WAITING), AppealState.WITHDRAWN),
)
