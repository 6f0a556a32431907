"""The benchmark: linkhaul beside its peers, on a real documentation tree served by nginx on loopback."""
