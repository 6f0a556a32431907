"""Parsing alone: `python -m bench.parsing FOLDER` prints what turbohtml takes for every HTML file below a folder, in CPU seconds.

What is counted is `turbohtml.parse` and giving the tree back; reading the files is not. A process of its own, so that nothing
else has touched its memory. --times says how often the whole folder is taken, --label names the encoding, as a server does.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.measure import ROOT, clean_environment
from bench.server import MissingPart


@dataclass(slots=True)
class Parsing:
    """What parsing alone took, round by round.

    Attributes:
        cpu_s: CPU seconds of each round, of one time through the folder.
    """

    python: str
    folder: Path
    words: Sequence[str] = ()
    cpu_s: list[float] = field(default_factory=list)

    def measure(self) -> None:
        """Measure one round.

        Raises:
            MissingPart: this interpreter has no turbohtml.
        """
        command = [self.python, "-m", "bench.parsing", str(self.folder), *self.words]
        done = subprocess.run(command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise MissingPart(f"parsing alone ended with {done.returncode}: {done.stderr[-500:]}")
        self.cpu_s.append(float(json.loads(done.stdout)))
        print(f"  {'':<9}{'parsing alone':<20} {'':>8}    CPU {self.cpu_s[-1]:8.2f} s", flush=True)


def main() -> int:
    """Print the CPU seconds of one time through the folder."""
    import turbohtml

    parser = argparse.ArgumentParser(prog="python -m bench.parsing", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--label")
    given = parser.parse_args()
    spent = 0.0
    for _ in range(given.times):
        for file in sorted(path for path in given.folder.rglob("*") if path.is_file()):
            body = file.read_bytes()
            began = time.process_time()
            turbohtml.parse(body, encoding=given.label, positions=False)
            spent += time.process_time() - began
    print(json.dumps(spent / given.times))
    return 0


if __name__ == "__main__":
    sys.exit(main())
