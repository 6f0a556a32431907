"""A report drawn: as one HTML file, as Markdown, or as a workbook."""
