"""The verbs of the catalog: describe, price, list, and what the filter says of releases."""

from .appraising import appraise_product, mark_appraised, price_product
from .describing import (
    accept_commitment,
    attach_rights,
    create_product,
    edit_product,
    reopen_product,
)
from .indexing import index_product, reindex_products
from .listing import (
    delist_product,
    list_product,
    listing_facts,
    request_listing,
    resume_listing,
    retract_listing,
    return_listing,
    suspend_listing,
)
from .returning import reconsider_release, requeue_release
from .uploading import enter_derived, submit_release, upload_release, withdraw_release
from .verdicts import (
    block_release,
    clear_release,
    hold_release,
    interrupt_screening,
    renew_release,
    start_screening,
)

__all__ = [
    "accept_commitment",
    "appraise_product",
    "attach_rights",
    "block_release",
    "clear_release",
    "create_product",
    "delist_product",
    "edit_product",
    "enter_derived",
    "hold_release",
    "index_product",
    "interrupt_screening",
    "list_product",
    "listing_facts",
    "mark_appraised",
    "price_product",
    "reconsider_release",
    "reindex_products",
    "renew_release",
    "reopen_product",
    "request_listing",
    "requeue_release",
    "resume_listing",
    "retract_listing",
    "return_listing",
    "start_screening",
    "submit_release",
    "suspend_listing",
    "upload_release",
    "withdraw_release",
]
