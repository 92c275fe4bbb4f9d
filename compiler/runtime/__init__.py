"""What a decision needs while it runs: the standard library alone."""
