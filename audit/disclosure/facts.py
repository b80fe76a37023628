"""What a disclosure says besides texts: figures, days, digests, and what it is sold as."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from .field import SHORT, Field, describe

FACTS: Final[tuple[Field, ...]] = (
    describe(
        "algorithm",
        _("Key of the algorithm"),
        "identity",
        "OWN",
        _("A short name of small letters, digits and hyphens that stays for all versions."),
        required=True,
        most=48,
    ),
    describe(
        "algorithm_type",
        _("Type of algorithm"),
        "function",
        "CN HF GMC NL",
        _("The type by the provisions on algorithmic recommendation; “other” where none fits."),
        required=True,
        most=24,
    ),
    describe(
        "declared",
        _("Prediction accuracy"),
        "function",
        "P CN EU4 UK NYC HF GMC NL",
        _(
            "What you claim: metric, value, the data it was measured on, number of cases, day and "
            "interval. The platform measures it again and shows both."
        ),
        required=True,
        most=SHORT,
    ),
    describe(
        "products",
        _("Products concerned"),
        "function",
        "OWN",
        _("References of the data products it is sold as, prices, ranks or filters."),
        most=24,
    ),
    describe(
        "service_began_on",
        _("Beginning of service"),
        "operation",
        "CN",
        _("The first day on which somebody could use it. It is filed within ten working days."),
        most=10,
    ),
    describe(
        "changed_on",
        _("Day of the change"),
        "operation",
        "CN",
        _("For a later version: the day the change took effect; filed within ten working days."),
        most=10,
    ),
    describe(
        "model_sha256",
        _("Digest of the model"),
        "making",
        "OWN",
        _("SHA-256 of the model file that is described, so that nobody can be handed another one."),
        most=64,
    ),
)
