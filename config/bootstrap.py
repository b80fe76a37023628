"""Prepare `.venv` from the hash-pinned requirements on a machine that has only Python and pip.

Standard library only. Works where Python is marked externally managed (PEP 668) and where
ensurepip is missing, because the environment is made without pip and filled from outside
with `pip --python` (pip 22.3 or newer).
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "requirements" / "local.txt"
STAMP = VENV / "installed-from"
MINIMUM_PYTHON = (3, 11)


def ensure_environment(argv: list[str]) -> None:
    """Return at once in an environment that somebody made for Quanheng; else prepare and re-run.

    That is a virtual environment, other than `.venv`, where Django imports; a Django that happens
    to be installed for the whole machine is neither the version nor the company that was tested.
    `QUANHENG_NO_BOOTSTRAP=1` forbids it all. Inside `.venv` itself the stamp is compared, so that
    a pull that changes the requirements reinstalls them.
    """
    if sys.version_info < MINIMUM_PYTHON:
        sys.exit("Quanheng needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")
    inside = Path(sys.prefix).resolve() == VENV
    if os.environ.get("QUANHENG_NO_BOOTSTRAP") or (not inside and _is_made_for_us()):
        return
    if _stamp() not in {_digest(REQUIREMENTS), _digest(REQUIREMENTS.with_name("dev.txt"))}:
        prepare(REQUIREMENTS)
    if not inside:
        python = VENV / "bin" / "python"
        os.execv(python, [str(python), *argv])  # noqa: S606  replaces this process by design


def _is_made_for_us() -> bool:
    made = sys.prefix != sys.base_prefix
    return made and importlib.util.find_spec("django") is not None


def _digest(requirements: Path) -> str:
    return hashlib.sha256(requirements.read_bytes()).hexdigest()


def _stamp() -> str:
    return STAMP.read_text().strip() if STAMP.exists() else ""


def prepare(requirements: Path) -> None:
    """Fill `.venv` from `requirements`, hashes required, unless it was filled from just these.

    Exits with pip's own words if they cannot be installed.
    """
    if _stamp() == _digest(requirements):
        return
    print(f"Preparing {VENV} from {requirements.relative_to(ROOT)} (once)", flush=True)
    python = VENV / "bin" / "python"
    if not python.exists():
        venv.create(VENV, with_pip=False, symlinks=True)
    command = [
        sys.executable, "-m", "pip", "--python", str(python), "install",
        "--require-hashes", "--disable-pip-version-check", "--quiet", "--progress-bar", "off",
        "-r", str(requirements),
    ]  # fmt: skip
    result = subprocess.run(command, check=False)  # noqa: S603  fixed words, own paths
    if result.returncode:
        sys.exit(
            "The requirements could not be installed. Quanheng needs pip 22.3 or newer "
            "(Debian: apt-get install python3-pip) and a package index; pip's message is above."
        )
    STAMP.write_text(_digest(requirements) + "\n")
