"""Golden files as pytest items."""
