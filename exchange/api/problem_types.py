"""What can go wrong here, by code: why it happens and what the caller does about it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class ProblemType:
    """One kind of refusal (RFC 9457 `type`), described once for answers and documents."""

    code: str
    status: int
    cause: Any
    remedy: Any


def _described(code: str, status: int, cause: Any, remedy: Any) -> tuple[str, ProblemType]:
    return code, ProblemType(code=code, status=status, cause=cause, remedy=remedy)


PROBLEM_TYPES: dict[str, ProblemType] = dict(
    [
        _described(
            "bad-request",
            400,
            _("The request breaks the rules of HTTP or names another host."),
            _("Compare address and headers with the description of the interface."),
        ),
        _described(
            "parse-error",
            400,
            _("The body is not JSON in UTF-8 or not a form, is nested too deeply, or holds NUL."),
            _("Mend the body; the detail says where reading stopped."),
        ),
        _described(
            "idempotency-key-missing",
            400,
            _("The request moves money or opens access and has no usable Idempotency-Key."),
            _("Send a key of your own of at most 100 printable characters, such as a UUID."),
        ),
        _described(
            "not-authenticated",
            401,
            _("The address is not public and no credential was sent."),
            _("Send `Authorization: Bearer qh_…` or sign in."),
        ),
        _described(
            "token-refused",
            401,
            _("The token is unknown, expired or revoked, or its issuer left the organization."),
            _("Have an administrator of your organization issue a new token."),
        ),
        _described(
            "insufficient-scope",
            403,
            _("The token is good, but was not issued for this; the challenge names the scopes."),
            _("Use a token with one of those scopes."),
        ),
        _described(
            "permission-denied",
            403,
            _("Your organization does not act in the role this needs, or the CSRF token is wrong."),
            _("Act for an organization in that role; a browser also sends X-CSRFToken."),
        ),
        _described(
            "not-allowed",
            403,
            _("A rule of the exchange says no; the detail is its reason."),
            _("Do what the reason asks for, then try again."),
        ),
        _described(
            "export-refused",
            403,
            _(
                "The data may not leave the mainland as asked; `export` says by which mechanism "
                "and what is missing."
            ),
            _("File what the rules named in `export` ask for, or order for the mainland only."),
        ),
        _described(
            "access-refused",
            403,
            _("The data are not handed out; `refusal` is the code that stands in the log."),
            _("Read the detail: it says whether to wait, to order again or to ask the operator."),
        ),
        _described(
            "not-found",
            404,
            _("There is no such address or thing, or you may not know of it."),
            _("Compare the reference; act for the organization it belongs to."),
        ),
        _described(
            "method-not-allowed",
            405,
            _("The address does not take this method; Allow names those it takes."),
            _("Use one of those."),
        ),
        _described(
            "not-acceptable",
            406,
            _("The Accept header excludes every form this address can answer in."),
            _("Accept application/json."),
        ),
        _described(
            "held",
            409,
            _("A legal hold forbids the destruction."),
            _("Ask who placed the hold to lift it; nothing was destroyed."),
        ),
        _described(
            "conflict",
            409,
            _("The thing changed meanwhile, or what is asked for was done already."),
            _("Read the thing again and decide anew."),
        ),
        _described(
            "impounded",
            403,
            _("The object is sealed as evidence: core data is neither delivered nor traded."),
            _("A regulator may open it under a purpose; nobody else can."),
        ),
        _described(
            "wrong-state",
            409,
            _("The step does not exist in the present `state`."),
            _("Take one of `allowed_actions`."),
        ),
        _described(
            "algorithm-not-in-force",
            409,
            _("An algorithm of the platform would decide, and its disclosure is not in force."),
            _("Wait until it is published or its suspension lifted; the detail says which it is."),
        ),
        _described(
            "idempotency-key-in-flight",
            409,
            _("The first request with this key is still being worked on."),
            _("Wait as Retry-After says and send the same request again."),
        ),
        _described(
            "gone",
            410,
            _("The thing was there and is not any more: delisted, suspended, removed, destroyed."),
            _("Read the detail; a suspended listing may come back."),
        ),
        _described(
            "length-required",
            411,
            _("The body does not say how long it is."),
            _("Send Content-Length."),
        ),
        _described(
            "version-changed",
            412,
            _("The product is no longer in the version that If-Match names."),
            _("Read it again, apply your change to what you read, send the new ETag."),
        ),
        _described(
            "too-large",
            413,
            _("The body is larger than this address takes: 1 MiB of JSON, 20 MiB of documents."),
            _("Send less; split a release or compress it as Parquet."),
        ),
        _described(
            "unsupported-media-type",
            415,
            _("The address does not read this Content-Type."),
            _("Send application/json, and files as multipart/form-data."),
        ),
        _described(
            "range-not-satisfiable",
            416,
            _("The range begins behind the end of the file; Content-Range tells its size."),
            _("Ask for a range inside the file."),
        ),
        _described(
            "invalid",
            422,
            _("Fields are missing, unknown or wrong; `errors` lists each with its message."),
            _("Mend the fields and send the request again."),
        ),
        _described(
            "unreadable",
            422,
            _("The uploaded file cannot be read to its end; the detail says where and why."),
            _("Mend the file as the detail says; check it with `manage.py scan` before uploading."),
        ),
        _described(
            "idempotency-key-reused",
            422,
            _("The Idempotency-Key was used with another body."),
            _("Take a new key for a new request."),
        ),
        _described(
            "version-needed",
            428,
            _("A change was sent without the version it starts from."),
            _("Send If-Match with the ETag of the product you read."),
        ),
        _described(
            "purpose-needed",
            428,
            _("An authority reads records of others, and did not say what for."),
            _("Send the header Inspection-Purpose, UTF-8 percent-encoded; the look is recorded."),
        ),
        _described(
            "throttled",
            429,
            _("More requests came from you than the exchange answers in that time."),
            _("Wait as Retry-After says."),
        ),
        _described(
            "evaluation-limit",
            429,
            _("Your organization asked this evaluation set as often as one owner may in a period."),
            _("Choose another set, rehearse on rows of your own, or wait as Retry-After says."),
        ),
        _described(
            "too-many-searches",
            429,
            _("More different searches came from you than are put on record within an hour."),
            _("Ask for another order of the results, repeat an earlier search, or wait an hour."),
        ),
        _described(
            "internal-error",
            500,
            _("The exchange failed; nothing of the request was kept."),
            _("Try again later; tell the operator the request_id."),
        ),
        _described(
            "object-damaged",
            500,
            _("Stored bytes are not what was written; nothing unproved is handed out."),
            _("Tell the operator the request_id."),
        ),
        _described(
            "busy",
            503,
            _("Too many changes want the same rows at this moment; nothing was kept."),
            _("Send the same request again as Retry-After says."),
        ),
        _described(
            "storage-full",
            507,
            _("The exchange has no room for the file at present; nothing of it was kept."),
            _("Try again later."),
        ),
        _described(
            "evidence-not-ready",
            202,
            _("The evidence bundle is queued or being made."),
            _("Ask again after the seconds of Retry-After; the bundle says how far it is."),
        ),
        _described(
            "not-published",
            202,
            _("The entry is recorded, but no signed checkpoint covers it yet."),
            _("Ask again as Retry-After says."),
        ),
    ]
)
