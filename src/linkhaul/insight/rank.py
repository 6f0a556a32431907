"""The link score: which pages of a site its own links make important.

It is PageRank (Brin and Page, "The Anatomy of a Large-Scale Hypertextual Web Search Engine", 1998): the share of time that
somebody spends on each page who follows links at random, and now and then begins anew anywhere. A page without links
(a *dangling* one: also everything that was not read) is left for anywhere, as if it linked to every page; otherwise what
flows into it would be lost.
"""

from __future__ import annotations

import numpy as np

from linkhaul.errors import UsageError
from linkhaul.insight.arrays import Floats, blocks, summed
from linkhaul.insight.graph import Edges

DAMPING = 0.85
MOST_ROUNDS = 5_000


def checked_damping(damping: float) -> float:
    """Return a damping that is possible.

    Raises:
        UsageError: it is not between 0 and 1.
    """
    if not 0 <= damping < 1:
        raise UsageError(f"a damping of {damping} is not possible; it is at least 0 and below 1, usually {DAMPING}")
    return damping


def link_score(edges: Edges, *, damping: float = DAMPING, tolerance: float = 1e-12) -> Floats:
    """Return the score of each node; they add up to 1.

    Args:
        edges: several links between two pages count as often as they are there; a link to itself counts too.
        damping: the share of steps that follow a link; the rest begins anew.
        tolerance: it ends when no round changes all scores together by more.

    Raises:
        UsageError: a damping that is not between 0 and 1.
    """
    checked_damping(damping)
    size = edges.size
    if size == 0:
        return np.zeros(0)
    out = summed(edges.source, size, edges.weight)
    is_dangling = out == 0
    score = np.full(size, 1 / size)
    for _ in range(MOST_ROUNDS):
        share = np.divide(score, out, out=np.zeros(size), where=~is_dangling)
        flowing = np.zeros(size)
        for block in blocks(len(edges.source)):
            flowing += np.bincount(edges.target[block], weights=share[edges.source[block]] * edges.weight[block], minlength=size)
        new = damping * (flowing + score[is_dangling].sum() / size) + (1 - damping) / size
        change = np.abs(new - score).sum()
        score = new
        if change < tolerance:
            break
    return np.asarray(score / score.sum(), dtype=np.float64)
