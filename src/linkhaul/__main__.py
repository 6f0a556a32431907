"""`python -m linkhaul` does what the command `linkhaul` does."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    from linkhaul.cli.main import main

    sys.exit(main())
