"""Rows → files: one writer per format, chosen by the file's suffix. The door is `export.outputs`."""
