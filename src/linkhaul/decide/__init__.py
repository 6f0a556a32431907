"""Values → decisions; pure, no clock, no I/O: pace, retry, outcome, scope, row filter, traps."""
