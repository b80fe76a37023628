"""Reading what is said in words."""

from exchange.registry.fields import Field, read_values


def texts_of(fields: tuple[Field, ...], **values: str) -> dict[str, str]:
    """Return the words of each field; raise Invalid where one is missing or too long."""
    return {name: str(text) for name, text in read_values(fields, values).items()}
