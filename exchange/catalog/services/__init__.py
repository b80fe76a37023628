"""The verbs of the catalog: describe, price, list, and what the filter says of releases."""

from .appraising import adjust_price, appraise_product, mark_appraised, price_product
from .costing import record_product_cost, reverse_product_cost
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
from .measuring import (
    Trial,
    declare_quality_rules,
    measure_quality,
    request_quality,
    resume_quality,
    try_quality_rules,
)
from .returning import reconsider_release, requeue_release
from .revaluing import revalue_product, review_appraisals_when_due
from .reviewing import decide_price_review, request_price_review, why_not_second
from .training import Licensed, read_training, state_training
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
    "Licensed",
    "Trial",
    "accept_commitment",
    "adjust_price",
    "appraise_product",
    "attach_rights",
    "block_release",
    "clear_release",
    "create_product",
    "decide_price_review",
    "declare_quality_rules",
    "delist_product",
    "edit_product",
    "enter_derived",
    "hold_release",
    "index_product",
    "interrupt_screening",
    "list_product",
    "listing_facts",
    "mark_appraised",
    "measure_quality",
    "price_product",
    "read_training",
    "reconsider_release",
    "record_product_cost",
    "reindex_products",
    "renew_release",
    "reopen_product",
    "request_listing",
    "request_price_review",
    "request_quality",
    "requeue_release",
    "resume_listing",
    "resume_quality",
    "retract_listing",
    "return_listing",
    "revalue_product",
    "reverse_product_cost",
    "review_appraisals_when_due",
    "start_screening",
    "state_training",
    "submit_release",
    "suspend_listing",
    "try_quality_rules",
    "upload_release",
    "why_not_second",
    "withdraw_release",
]
