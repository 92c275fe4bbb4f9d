"""A policy with one thing changed: what its golden files should notice."""
