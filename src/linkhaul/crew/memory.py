"""How often Python looks for cycles, and how soon memory goes back to the system: both less often than they would.

A run makes millions of values and no cycles, and at the next page it wants again what the last one took.

Measured: with Python's own thresholds the collector takes 6 % of a run's time, and one look while modules are loaded 10 ms. With
glibc's own, the tree of a page of 200 KB is given back after each page and had again at the next: a tenth of such a run's time.
"""

from __future__ import annotations

import gc

STARTING = (200_000, 20, 50)
"""Not once while modules are loaded, which make some 60,000 values."""
THRESHOLDS = (50_000, 20, 50)
KEPT_BYTES = 4 << 20
"""What one piece of memory has to be larger than to be had from the system by itself; twice as much that is free is kept."""


def relax() -> None:
    """Look for cycles less often, and keep some memory that is free; for a process that is ours alone."""
    gc.set_threshold(*STARTING)
    bytes(KEPT_BYTES)  # never touched; glibc takes the size of what is given back for what is usual here (mallopt(3), M_MMAP_THRESHOLD)


def settle() -> None:
    """Take what exists now, mostly modules, out of the collector's sight; does nothing unless `relax` was called."""
    if gc.get_threshold()[:2] == STARTING[:2]:  # Python 3.14 has no third one, and says 0
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
