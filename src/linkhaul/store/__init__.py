"""The run file: one SQLite database that is the truth of a run; outputs are its echo."""
