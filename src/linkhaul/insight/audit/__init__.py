"""The audit of a run: every rule asked of it, and what cannot be told."""
