"""`python -m verify`."""

import sys

from verify.commands import main

if __name__ == "__main__":
    sys.exit(main())
