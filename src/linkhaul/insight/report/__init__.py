"""A run file in numbers, for a person: one value with everything that `linkhaul report` says, and a module for each of its parts."""
