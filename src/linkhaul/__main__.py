"""`python -m linkhaul` and the command `linkhaul`: the very beginning, where Ctrl-C may come before our own modules are there."""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""As in `linkhaul.cli.exits`, which is not loaded yet."""


def main() -> int:
    """Do what the command line says and return the exit code."""
    try:
        from linkhaul.cli.main import main as do
    except KeyboardInterrupt:
        if sys.stderr is not None:
            sys.stderr.write("\nstopped while starting; nothing was begun\n")
        return INTERRUPTED
    return do()


if __name__ == "__main__":
    sys.exit(main())
