"""The values that travel between the layers: URLs, records, and the columns of the tables. No I/O."""
