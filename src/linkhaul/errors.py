"""The exceptions of linkhaul: raised only when *we* cannot go on.

Failures of the web (a dead host, a broken page) are rows, never exceptions::

    LinkhaulError
    ├── UsageError            a setting, flag or argument that cannot be meant (exit 2)
    │   ├── SettingError      a setting's value, or two settings that contradict each other
    │   ├── SourceError       text that cannot be a source: no URL, no such file, no such column
    │   └── MissingExtra      a format or feature whose optional package is not installed
    ├── RunFileError          a run file that is locked, foreign, newer, damaged or cannot be written (exit 3)
    │   └── RunLocked         another process is working on it
    ├── OutputError           an output that exists with other columns, or cannot be written (exit 3)
    └── BrokenInvariant       a fault of ours; please report it (exit 70)

Each message names the thing, its value and the remedy. Each class carries the exit code of the command line.
"""

from __future__ import annotations


class LinkhaulError(Exception):
    """Anything linkhaul raises on purpose."""

    exit_code = 70


class UsageError(LinkhaulError):
    """What was asked for cannot be meant."""

    exit_code = 2


class SettingError(UsageError):
    """A setting has a value that cannot be used, or contradicts another."""


class SourceError(UsageError):
    """Text that cannot be a source of pages."""


class MissingExtra(UsageError):
    """A feature needs an optional package that is not installed."""

    def __init__(self, feature: str, extra: str, package: str | None = None) -> None:
        """Say what is missing: an extra of linkhaul, or another package that no extra brings."""
        super().__init__(
            f"{feature} needs the package {package}: pip install {package}"
            if package
            else f"{feature} needs the extra '{extra}': pip install 'linkhaul[{extra}]'"
        )


class RunFileError(LinkhaulError):
    """A run file that cannot be used."""

    exit_code = 3


class RunLocked(RunFileError):
    """A run file that another process is working on."""


class OutputError(LinkhaulError):
    """An output that cannot be written, or that may not be touched without being asked for."""

    exit_code = 3


class BrokenInvariant(LinkhaulError):
    """Something that cannot happen happened: a fault of linkhaul."""
