"""Many claims at once, in columns: the same decisions as of one claim, from the same compiled policy."""
