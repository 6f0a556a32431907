"""``python -m linkhaul.demo --port 8000``: serve the demo site until Ctrl-C."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from threading import Event

from linkhaul.demo.routes import pages
from linkhaul.demo.server import serve


def main(words: Sequence[str] | None = None) -> int:
    """Serve the site and return the exit code, once interrupted."""
    parser = argparse.ArgumentParser(prog="python -m linkhaul.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="0 is any free port")
    parser.add_argument("--list", action="store_true", help="print the addresses of the demo's pages first, one a line")
    options = parser.parse_args(words)
    with suppress(KeyboardInterrupt), serve(options.port) as url:
        if options.list:
            sys.stdout.write("".join(f"{url}{path}\n" for path in pages()))
        sys.stderr.write(f"Moss & Fern is open at {url}/ (Ctrl-C closes it)\n")
        sys.stdout.flush()
        Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
