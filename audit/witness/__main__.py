"""`python3 -m audit.witness`: a witness without the exchange."""

import sys

from .command import main

sys.exit(main())
