"""Reading: bytes to values; pure."""
