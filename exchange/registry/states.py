"""The words of data rights (三权) and the life of a rights statement."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle, Step


class Right(TextChoices):
    """The three rights: named by 数据二十条 (三) in 2022, renamed by 国数综政策〔2026〕35号 第三条.

    The label shows both generations of names, because contracts and certificates of both stand.
    """

    HOLD = "HOLD", _("right to hold data (2022: right to hold data resources)")
    USE = "USE", _("right to use data (2022: right to process and use data)")
    OPERATE = "OPERATE", _("right to operate data (2022: right to operate data products)")


class Origin(TextChoices):
    """Whose data it is at its root; each has its own regime (数据二十条（四）–（六）)."""

    ENTERPRISE = "ENTERPRISE", _("enterprise data")
    PUBLIC = "PUBLIC", _("public data")
    PERSONAL = "PERSONAL", _("personal information")


class SourceKind(TextChoices):
    """How the data came to its holder (国数综政策〔2026〕35号 第二十条)."""

    COLLECTED = "COLLECTED", _("collected or produced")
    CRAWLED_PUBLIC = "CRAWLED_PUBLIC", _("public data gathered automatically")
    AGREEMENT = "AGREEMENT", _("obtained by agreement")
    DERIVED = "DERIVED", _("created by derivation")


class Situation(TextChoices):
    """In which position the organization stands to the data; decides what it may state.

    国数综政策〔2026〕35号 第二十一条.
    """

    PRODUCED = "PRODUCED", _("own or joint production")
    AUTHORIZED = "AUTHORIZED", _("caused by it, collected by another under its authorization")
    LICENSED = "LICENSED", _("obtained by contract or license that names the rights")
    OWN_PERSON = "OWN_PERSON", _("a natural person's own lawful data")
    GATHERED_RAW = "GATHERED_RAW", _("public data gathered automatically, unprocessed")
    GATHERED_PRODUCT = "GATHERED_PRODUCT", _("product of gathered data that replaces no source")
    FUSED = "FUSED", _("fusion of several parties' data, contract silent")
    DERIVED = "DERIVED", _("derived data of substantive change and higher value")
    ENTRUSTED = "ENTRUSTED", _("processed on behalf of another")


class PersonalBasis(TextChoices):
    """On what footing personal information is in the data (《个人信息保护法》第四条、第十三条)."""

    NONE = "NONE", _("no personal information")
    ANONYMIZED = "ANONYMIZED", _("anonymized")
    DEIDENTIFIED = "DEIDENTIFIED", _("de-identified")
    CONSENT = "CONSENT", _("separate consent of the persons")


class ProofKind(TextChoices):
    """What a file proves about source and rights."""

    COLLECTION_RECORD = "COLLECTION_RECORD", _("record of collection or production")
    ACCESS_TERMS = "ACCESS_TERMS", _("access rules and terms of the gathered source")
    CONTRACT = "CONTRACT", _("contract")
    LICENSE = "LICENSE", _("license text")
    AUTHORIZATION = "AUTHORIZATION", _("civil-law authorization of the collector")
    DERIVATION_RECORD = "DERIVATION_RECORD", _("record of the derivation")
    PARTIES_CONSENT = "PARTIES_CONSENT", _("consent of the other parties of the fusion")
    PUBLIC_AUTHORIZATION = (
        "PUBLIC_AUTHORIZATION",
        _("agreement of public-data authorized operation"),
    )
    CONSENT_RECORD = "CONSENT_RECORD", _("record of personal consent")
    CERTIFICATE = "CERTIFICATE", _("registration certificate")


class RightsState(TextChoices):
    """Whether the organization answers for what the statement says."""

    DRAFT = "DRAFT", _("draft")
    STATED = "STATED", _("stated")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")


RIGHTS = Lifecycle(
    "rights",
    RightsState,
    initial=RightsState.DRAFT,
    state=Step({RightsState.DRAFT}, RightsState.STATED),
    withdraw=Step({RightsState.DRAFT, RightsState.STATED}, RightsState.WITHDRAWN),
)
