"""What may stand in a formula: finite figures inside their range."""

from decimal import Decimal


def finite(name: str, value: Decimal, *, least: Decimal | None = None) -> Decimal:
    """Return a figure that is finite and not below `least`; ValueError otherwise."""
    if not value.is_finite() or (least is not None and value < least):
        bound = "finite" if least is None else f"finite and at least {least}"
        message = f"{name} must be {bound}, not {value}"
        raise ValueError(message)
    return value


def positive(name: str, value: Decimal) -> Decimal:
    """Return a figure above zero; ValueError otherwise."""
    if not value.is_finite() or value <= 0:
        message = f"{name} must be finite and above zero, not {value}"
        raise ValueError(message)
    return value


def share(name: str, value: Decimal) -> Decimal:
    """Return a share in [0, 1]; ValueError otherwise."""
    if not value.is_finite() or not 0 <= value <= 1:
        message = f"{name} must be a share between 0 and 1, not {value}"
        raise ValueError(message)
    return value
