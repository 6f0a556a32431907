"""The exit codes of the command besides 0; `errors` says which exception has which."""

from __future__ import annotations

FOUND = 1
"""It worked, and found what it was asked to fail on."""
OUTPUT = 3
"""A run file or an output; also when whoever read our rows went away."""
FAULT = 70
"""A fault of ours."""
INTERRUPTED = 130
