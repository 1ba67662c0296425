"""`python -m personalize_local.cli`."""

import sys

from personalize_local.cli import main

sys.exit(main())
