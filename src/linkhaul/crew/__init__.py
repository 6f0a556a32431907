"""Pages read by other processes, so that a run uses more than one core."""
