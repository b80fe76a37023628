"""The register begins empty here."""

import pytest


@pytest.fixture
def platform_disclosures(db: None) -> None:
    """Nothing is disclosed yet."""
