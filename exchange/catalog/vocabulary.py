"""The closed lists of the product manual (数据产品说明书): codes for machines, words for people."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ProductType(TextChoices):
    """What is traded (domain of the Shanghai, Guangzhou and Shenzhen exchanges together)."""

    DATASET = "DATASET", _("dataset")
    DATA_SERVICE = "DATA_SERVICE", _("data service (API)")
    DATA_APP = "DATA_APP", _("data application")
    DATA_TOOL = "DATA_TOOL", _("data tool")
    DATA_CAPABILITY = "DATA_CAPABILITY", _("data capability")
    REPORT = "REPORT", _("analysis report")
    INDEX = "INDEX", _("data index")
    MODEL = "MODEL", _("trained model")
    CORPUS = "CORPUS", _("corpus for AI")


class Sector(TextChoices):
    """The board (板块) on which a product is shown."""

    FINANCE = "FINANCE", _("finance")
    TRANSPORT = "TRANSPORT", _("transport and shipping")
    COMMERCE = "COMMERCE", _("trade and consumption")
    MANUFACTURING = "MANUFACTURING", _("manufacturing")
    ENERGY = "ENERGY", _("energy")
    HEALTH = "HEALTH", _("health and medicine")
    CULTURE = "CULTURE", _("culture and tourism")
    URBAN = "URBAN", _("urban governance and geography")
    AGRICULTURE = "AGRICULTURE", _("agriculture")
    ENVIRONMENT = "ENVIRONMENT", _("weather, nature and environment")
    SCIENCE = "SCIENCE", _("science, technology and education")
    AI = "AI", _("artificial intelligence")
    OTHER = "OTHER", _("other")


class Industry(TextChoices):
    """Sections of GB/T 4754-2017, the industry classification of the national economy."""

    A = "A", _("A agriculture, forestry, animal husbandry and fishery")
    B = "B", _("B mining")
    C = "C", _("C manufacturing")
    D = "D", _("D electricity, heat, gas and water")
    E = "E", _("E construction")
    F = "F", _("F wholesale and retail")
    G = "G", _("G transport, storage and post")
    H = "H", _("H accommodation and catering")
    I = "I", _("I information transmission, software and IT services")  # noqa: E741  the section's letter
    J = "J", _("J finance")
    K = "K", _("K real estate")
    L = "L", _("L leasing and business services")
    M = "M", _("M scientific research and technical services")
    N = "N", _("N water, environment and public facilities")
    O = "O", _("O residential services, repair and other services")  # noqa: E741  the section's letter
    P = "P", _("P education")
    Q = "Q", _("Q health and social work")
    R = "R", _("R culture, sports and entertainment")
    S = "S", _("S public administration, social security and organizations")
    T = "T", _("T international organizations")


class RegionScope(TextChoices):
    """How wide an area the data covers (国数综政策〔2026〕35号 附件1)."""

    INTERNATIONAL = "INTERNATIONAL", _("international")
    NATIONAL = "NATIONAL", _("national")
    PROVINCE = "PROVINCE", _("province")
    CITY = "CITY", _("city")
    DISTRICT = "DISTRICT", _("district or county")
    BELOW_DISTRICT = "BELOW_DISTRICT", _("below district")


class UpdateFrequency(TextChoices):
    """How often a new state of the data appears."""

    REAL_TIME = "REAL_TIME", _("real time")
    DAILY = "DAILY", _("daily")
    WEEKLY = "WEEKLY", _("weekly")
    MONTHLY = "MONTHLY", _("monthly")
    QUARTERLY = "QUARTERLY", _("quarterly")
    YEARLY = "YEARLY", _("yearly")
    ON_DEMAND = "ON_DEMAND", _("on demand")
    NONE = "NONE", _("not updated")
    OTHER = "OTHER", _("other")


class Form(TextChoices):
    """In which form the content comes."""

    TABLE = "TABLE", _("table")
    TEXT = "TEXT", _("text")
    IMAGE = "IMAGE", _("image")
    AUDIO = "AUDIO", _("audio")
    VIDEO = "VIDEO", _("video")
    GEOGRAPHIC = "GEOGRAPHIC", _("geographic features")
    MODEL = "MODEL", _("model")
    OTHER = "OTHER", _("other")


class Structure(TextChoices):
    """How far the content is structured."""

    STRUCTURED = "STRUCTURED", _("structured")
    SEMI_STRUCTURED = "SEMI_STRUCTURED", _("semi-structured")
    UNSTRUCTURED = "UNSTRUCTURED", _("unstructured")


class ContentLanguage(TextChoices):
    """Languages of the content (BCP 47)."""

    ZH = "zh", _("Chinese")
    EN = "en", _("English")
    OTHER = "mul", _("other or several")


class Processing(TextChoices):
    """How far the content stands from what was collected (GB/T 43697-2024 附录 I)."""

    RAW = "RAW", _("as collected")
    MASKED = "MASKED", _("masked")
    TAG = "TAG", _("tags")
    STATISTIC = "STATISTIC", _("statistics")
    FUSED = "FUSED", _("fused from several sources")


class Users(TextChoices):
    """Who may use what was bought."""

    PAYER_ONLY = "PAYER_ONLY", _("only the paying organization")
    GROUP = "GROUP", _("the paying organization and its affiliates")
    PUBLIC = "PUBLIC", _("anybody")


class TimeLimit(TextChoices):
    """How long it may be used and kept."""

    UNLIMITED = "UNLIMITED", _("no limit")
    REAL_TIME = "REAL_TIME", _("this time only, no caching")
    CONTRACT_TERM = "CONTRACT_TERM", _("within the contract's term, not kept afterwards")
    DAYS = "DAYS", _("for a number of days, not kept afterwards")


class Permission(TextChoices):
    """Whether something is permitted by the provider."""

    NO = "NO", _("not permitted")
    WITH_CONSENT = "WITH_CONSENT", _("with written consent")
    YES = "YES", _("permitted")


class Retention(TextChoices):
    """What happens to copies when the right to use ends."""

    DELETE = "DELETE", _("delete and confirm")
    KEEP_DERIVED = "KEEP_DERIVED", _("delete the data, keep results derived from it")
    KEEP = "KEEP", _("may be kept")


class DeliveryMode(TextChoices):
    """How the buyer gets at it (数据二十条（四）: 原始数据不出域、数据可用不可见)."""

    FILE_DOWNLOAD = "FILE_DOWNLOAD", _("file download")
    OBJECT_STORE_GRANT = "OBJECT_STORE_GRANT", _("object-store grant")
    DB_SHARE = "DB_SHARE", _("database share")
    API_PULL = "API_PULL", _("API access")
    STREAM = "STREAM", _("stream")
    SANDBOX = "SANDBOX", _("sandbox in the provider's domain")
    PRIVACY_COMPUTE = "PRIVACY_COMPUTE", _("privacy-preserving computation")
    MODEL_RESULT = "MODEL_RESULT", _("model results only")
    OFFLINE_MEDIA = "OFFLINE_MEDIA", _("offline media")


class DeliveryLevel(TextChoices):
    """The exchange's own delivery levels s1–s4, from open file to computing without seeing."""

    S1 = "S1", _("s1 open file")
    S2 = "S2", _("s2 controlled interface")
    S3 = "S3", _("s3 sandbox")
    S4 = "S4", _("s4 privacy-preserving computation")


class CorpusMode(TextChoices):
    """What an AI corpus is made of."""

    TEXT = "TEXT", _("text")
    IMAGE = "IMAGE", _("image")
    AUDIO = "AUDIO", _("audio")
    VIDEO = "VIDEO", _("video")
    MULTIMODAL = "MULTIMODAL", _("several at once")


class TrainingUse(TextChoices):
    """For which step of building a model a corpus may be used."""

    PRETRAINING = "PRETRAINING", _("pre-training")
    FINE_TUNING = "FINE_TUNING", _("fine-tuning")
    ALIGNMENT = "ALIGNMENT", _("alignment")
    EVALUATION = "EVALUATION", _("evaluation")
    RETRIEVAL = "RETRIEVAL", _("retrieval")


class SourceRights(TextChoices):
    """On what the right to train a model on a source rests.

    《生成式人工智能服务管理暂行办法》第七条.
    """

    STATEMENT = "STATEMENT", _("a rights statement of one's own in the registry")
    CONTRACT = "CONTRACT", _("a contract made on this exchange")
    DECLARED = "DECLARED", _("one's own declaration, with evidence")


class SourceGrade(TextChoices):
    """Grade of the data of a source (GB/T 43697-2024), as its user states it."""

    GENERAL = "GENERAL", _("general data")
    IMPORTANT = "IMPORTANT", _("important data")
    CORE = "CORE", _("core data")


class Sensitivity(TextChoices):
    """How the provider labels a field; the exchange's own scan decides, not this label."""

    OPEN = "OPEN", _("open to all")
    INTERNAL = "INTERNAL", _("internal")
    PERSONAL = "PERSONAL", _("personal information")
    SENSITIVE = "SENSITIVE", _("sensitive personal information")


class SuspensionAuthority(TextChoices):
    """Who stopped a listing; only the same or a higher authority lets it go on."""

    PROVIDER = "PROVIDER", _("provider")
    SYSTEM = "SYSTEM", _("the platform")
    OPERATOR = "OPERATOR", _("exchange operator")
    REGULATOR = "REGULATOR", _("regulator")
