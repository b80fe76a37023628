"""Quality, assurance and contact.

The four attachments of a listing (合规评估、质量评估、法律承诺、资产评估) come from the exchange:
screening, measured profile, commitment, signed appraisal. Reports of third parties stand beside.
"""

from django.utils.translation import gettext_lazy as _

from exchange.registry.fields import Kind

from .definition import Chapter, ManualField

ASSURANCE: tuple[ManualField, ...] = (
    ManualField(
        name="quality_statement",
        label=_("statement on quality"),
        help=_("Accuracy, completeness, consistency, timeliness: what was checked and how."),
        kind=Kind.PROSE,
        chapter=Chapter.ASSURANCE,
        max_length=2000,
    ),
    ManualField(
        name="compliance_report",
        label=_("compliance report of a third party"),
        help=_("A file of yours in the vault, such as a law firm's opinion."),
        kind=Kind.OBJECT,
        chapter=Chapter.ASSURANCE,
        max_length=24,
    ),
    ManualField(
        name="quality_report",
        label=_("quality report of a third party"),
        help=_("A file of yours in the vault."),
        kind=Kind.OBJECT,
        chapter=Chapter.ASSURANCE,
        max_length=24,
    ),
    ManualField(
        name="asset_report",
        label=_("asset appraisal of a third party"),
        help=_("A file of yours in the vault. It does not replace the signed appraisal."),
        kind=Kind.OBJECT,
        chapter=Chapter.ASSURANCE,
        max_length=24,
    ),
    ManualField(
        name="algorithm_disclosures",
        label=_("algorithm disclosures"),
        help=_("References of the disclosures of algorithms that made or serve the product."),
        kind=Kind.TAGS,
        chapter=Chapter.ASSURANCE,
        max_length=24,
        max_items=20,
        pattern=r"AD-[0-9A-Z-]{1,21}",
    ),
    ManualField(
        name="contact_unit",
        label=_("responsible department"),
        help=_("Which department answers questions; a department rather than a person."),
        kind=Kind.TEXT,
        chapter=Chapter.CONTACT,
        max_length=80,
    ),
    ManualField(
        name="contact_email",
        label=_("e-mail"),
        help=_("The department's address."),
        kind=Kind.TEXT,
        chapter=Chapter.CONTACT,
        max_length=120,
        pattern=r"[^@\s]+@[^@\s]+\.[^@\s]+",
    ),
    ManualField(
        name="contact_phone",
        label=_("telephone"),
        help=_("The department's number."),
        kind=Kind.TEXT,
        chapter=Chapter.CONTACT,
        max_length=40,
        pattern=r"[0-9+() -]{5,40}",
    ),
)
