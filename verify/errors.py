"""The one error of the verifier."""


class VerificationError(Exception):
    """The evidence does not prove what it claims, or is not written as the format demands."""
