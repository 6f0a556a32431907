"""How often Python looks for cycles: less often than it would, because a run makes millions of values and no cycles.

Measured: with Python's own thresholds the collector takes 6 % of a run's time, and one look while modules are loaded 10 ms.
"""

from __future__ import annotations

import gc

STARTING = (200_000, 20, 50)
"""Not once while modules are loaded, which make some 60,000 values."""
THRESHOLDS = (50_000, 20, 50)


def relax() -> None:
    """Look for cycles less often; for a process that is ours alone."""
    gc.set_threshold(*STARTING)


def settle() -> None:
    """Take what exists now, mostly modules, out of the collector's sight; does nothing unless `relax` was called."""
    if gc.get_threshold()[:2] == STARTING[:2]:  # Python 3.14 has no third one, and says 0
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
