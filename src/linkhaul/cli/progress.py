"""The one line that says how a run stands: what is counted, never what is guessed."""

from __future__ import annotations

from collections import deque

from linkhaul.motion.progress import Progress

WINDOW_S = 5.0
MOST_KINDS = 3


class Gauge:
    """Turns a run's numbers into its line; speeds are those of the last five seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int, int]] = deque()

    def line(self, progress: Progress, now: float, width: int = 1_000) -> str:
        """Return the line, its last parts left out where the width does not hold them.

        Args:
            now: a clock in seconds; only differences count.
        """
        pages, megabytes = self._speeds(progress, now)
        done = progress.done + progress.done_before
        more = "+" if progress.sources_open else ""
        parts = [
            f"{done:,} of {done + progress.waiting:,}{more} known pages done",
            f"{max(0, progress.waiting - progress.in_flight - progress.being_read):,} waiting",
            f"{progress.in_flight:,} in flight",
            *([f"{progress.being_read:,} being read"] if progress.being_read else []),
            *failed(progress),
            f"{pages:,.0f} pages/s",
            f"{progress.links:,} links",
            f"{megabytes:.1f} MB/s",
        ]
        if progress.waiting and not (progress.in_flight or progress.being_read or pages):
            parts.insert(3, "none may be asked just now")
        return fitting(parts, width)

    def _speeds(self, progress: Progress, now: float) -> tuple[float, float]:
        self._seen.append((now, progress.done, progress.bytes))
        while now - self._seen[0][0] > WINDOW_S and len(self._seen) > 2:
            self._seen.popleft()
        since, done, size = self._seen[0]
        seconds = now - since
        return ((progress.done - done) / seconds, (progress.bytes - size) / seconds / 1e6) if seconds > 0 else (0.0, 0.0)


def failed(progress: Progress) -> list[str]:
    """Return the failures as one part of the line, most frequent kinds first; nothing when there are none."""
    counts = sorted(dict(progress.failures).items(), key=lambda item: (-item[1], item[0]))  # a copy: the job's thread goes on counting
    if not counts:
        return []
    shown = [f"{kind} {count:,}" for kind, count in counts[:MOST_KINDS]]
    others = sum(count for _, count in counts[MOST_KINDS:])
    shown += [f"others {others:,}"] if others else []
    return [f"{sum(count for _, count in counts):,} failed ({', '.join(shown)})"]


def fitting(parts: list[str], width: int) -> str:
    """Return as many of the parts, in order, as the width holds; never less than the first."""
    line = parts[0]
    for part in parts[1:]:
        if len(line) + 3 + len(part) > width:
            break
        line += f" · {part}"
    return line
