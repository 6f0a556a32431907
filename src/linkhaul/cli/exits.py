"""The exit codes of the command besides 0; `errors` says which exception has which."""

from __future__ import annotations

FOUND = 1
"""It worked, and found what it was asked to fail on."""
OUTPUT = 3
"""A run file or an output."""
FAULT = 70
"""A fault of ours."""
INTERRUPTED = 130
CLOSED = 141
"""Whoever read our output went away (`| head`): what a shell says of the tools that such a signal ends, SIGPIPE."""
