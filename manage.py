#!/usr/bin/env python3
"""Run a Quanheng command; on a bare machine prepare `.venv` first."""

import os
import sys


def main() -> None:
    """Hand the command line to Django, after the bootstrap where Django is missing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config import bootstrap  # noqa: PLC0415  only the standard library is certain here

    bootstrap.ensure_environment(sys.argv)
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
