"""Motion: the engine that takes targets from the frontier to their end, on one event loop."""
