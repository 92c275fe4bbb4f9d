"""The decision IR: what to compute about a line, and what can be done to that without knowing a claim."""
