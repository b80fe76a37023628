"""Disguises written apart from the scanner.

The first run against a scanner that had never been tried on them found 0.978 of the persons, on
29 November 2026, and 0.8 of the numbers that were only hashed; no look-alike was stopped. Four ways
were mended afterwards (groups of three by other marks, a rest after commas, quoted-printable,
digests in base64), so that today's figures are no longer those of an unseen half.
"""
