"""Running the stand-alone verifier, as anybody would."""

import subprocess
import sys

from django.conf import settings


def run_verifier(*words: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m verify` with these words."""
    return subprocess.run(  # noqa: S603  fixed words, own files
        [sys.executable, "-m", "verify", *words],
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
