"""`manage.py test` runs pytest: one way to run the tests."""

import os
import sys
from argparse import ArgumentParser
from typing import Any


class PytestRunner:
    """Django's test-runner interface in front of pytest; labels are passed through."""

    def __init__(self, *, verbosity: int = 1, failfast: bool = False, **_options: Any) -> None:
        self.verbosity = verbosity
        self.failfast = failfast

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Accept no arguments beyond Django's own and the labels."""

    def run_tests(self, test_labels: list[str], **_options: Any) -> int:
        """Run pytest on `test_labels` (all, if none) and return its exit status."""
        import pytest  # noqa: PLC0415  not installed in production

        arguments = [*(["-x"] if self.failfast else []), *test_labels]
        if not test_labels:
            arguments += ["-n", os.environ.get("TEST_WORKERS", "2")]
        sys.stdout.flush()
        return int(pytest.main(arguments))
