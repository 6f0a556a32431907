"""The wiring: sources, run file, fetcher, engine and outputs become one job, with a blocking and an async door."""
