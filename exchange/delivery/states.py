"""The life of a grant and of one access under it, and why an access can be refused."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle, Step


class Channel(TextChoices):
    """The way by which a grant lets data out."""

    DOWNLOAD = "DOWNLOAD", _("download")
    QUERY = "QUERY", _("answers computed within the exchange")
    INFERENCE = "INFERENCE", _("calls of a model within the exchange")


class Form(TextChoices):
    """Which rendering of the release is handed over."""

    ORIGINAL = "ORIGINAL", _("file as uploaded")
    TABLE = "TABLE", _("Parquet table")
    ANSWER = "ANSWER", _("answer to a question")
    INFERENCE = "INFERENCE", _("outputs of a model")


class GrantState(TextChoices):
    """Whether a grant opens anything."""

    OPEN = "OPEN", _("open")
    EXHAUSTED = "EXHAUSTED", _("budget used up")
    SUSPENDED = "SUSPENDED", _("suspended")
    REVOKED = "REVOKED", _("revoked")
    EXPIRED = "EXPIRED", _("expired")


class AccessState(TextChoices):
    """How far the handing over of one access came."""

    TAKEN = "TAKEN", _("budget taken, transfer open")
    COMPLETED = "COMPLETED", _("handed over completely")
    ABANDONED = "ABANDONED", _("left incomplete")


class Refusal(TextChoices):
    """Why an access was refused; the code stands in the log."""

    NOT_GRANTEE = "NOT_GRANTEE", _("caller does not act for the grantee")
    NO_RIGHT = "NO_RIGHT", _("caller may not download for the grantee")
    GRANTEE_NOT_ADMITTED = "GRANTEE_NOT_ADMITTED", _("grantee is not admitted")
    REVOKED = "REVOKED", _("grant revoked")
    SUSPENDED = "SUSPENDED", _("grant suspended")
    EXHAUSTED = "EXHAUSTED", _("budget used up")
    NOT_YET_VALID = "NOT_YET_VALID", _("window not open yet")
    EXPIRED = "EXPIRED", _("window closed")
    PRODUCT_SUSPENDED = "PRODUCT_SUSPENDED", _("product suspended")
    TERMS_CHANGED = "TERMS_CHANGED", _("grant differs from what was recorded")
    OTHER_OBJECT = "OTHER_OBJECT", _("not the release this grant is for")
    OTHER_CHANNEL = "OTHER_CHANNEL", _("not the way this grant opens")
    NOT_RUN = "NOT_RUN", _("the exchange could not run the model")
    NOT_AN_AGGREGATE = "NOT_AN_AGGREGATE", _("answer would show more than groups")
    GATE = "GATE", _("release may not be traded")
    EXPORT = "EXPORT", _("data may not leave the mainland")
    CONTENT_GONE = "CONTENT_GONE", _("content no longer kept")
    ACCESS_CLOSED = "ACCESS_CLOSED", _("access is finished")
    ALLOWANCE_USED = "ALLOWANCE_USED", _("file was sent again too often")
    LINK_INVALID = "LINK_INVALID", _("link is not valid")
    LINK_EXPIRED = "LINK_EXPIRED", _("link expired")


GRANT = Lifecycle(
    "grant",
    GrantState,
    initial=GrantState.OPEN,
    exhaust=Step({GrantState.OPEN}, GrantState.EXHAUSTED),
    suspend=Step({GrantState.OPEN}, GrantState.SUSPENDED),
    resume=Step({GrantState.SUSPENDED}, GrantState.OPEN),
    revoke=Step({GrantState.OPEN, GrantState.SUSPENDED, GrantState.EXHAUSTED}, GrantState.REVOKED),
    expire=Step({GrantState.OPEN, GrantState.SUSPENDED}, GrantState.EXPIRED),
)

ACCESS = Lifecycle(
    "access",
    AccessState,
    initial=AccessState.TAKEN,
    complete=Step({AccessState.TAKEN, AccessState.ABANDONED}, AccessState.COMPLETED),
    abandon=Step({AccessState.TAKEN}, AccessState.ABANDONED),
)
