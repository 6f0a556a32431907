"""The command `linkhaul`: one module per verb; rows go to stdout, talk goes to stderr."""
