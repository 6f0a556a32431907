"""As many requests at once as this machine lets a program have connections.

Without this, thousands of connections would take the last file descriptor, and what fails then is whatever needs one
next: the run file, an output, a module of Python's own.
"""

from __future__ import annotations

from msgspec.structs import replace

from linkhaul.config import Config

_OWN = 40
"""What the program needs for itself: the run file, the outputs, the lists, modules that are loaded late."""


def bounded(config: Config) -> tuple[Config, list[str]]:
    """Return a configuration whose concurrency this machine can bear, and what to say of it if that is not what was asked for."""
    limit = _open_files()
    most = max(1, (limit - _OWN) * 3 // 4) if limit is not None else config.pace.concurrency  # a quarter may be connections kept for later
    if config.pace.concurrency <= most:
        return config, []
    said = f"{most} requests at once instead of {config.pace.concurrency}: this machine lets a program open {limit} files; 'ulimit -n' raises it"
    return replace(config, pace=replace(config.pace, concurrency=most)), [said]


def _open_files() -> int | None:
    """Return how many files may be open at once; None for no limit."""
    try:
        import resource
    except ImportError:  # pragma: no cover: Windows has no such limit
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft
