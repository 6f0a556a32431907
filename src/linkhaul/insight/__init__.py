"""Questions asked of a run file, live or finished; nothing here writes to it."""
