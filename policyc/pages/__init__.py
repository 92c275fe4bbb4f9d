"""Policies as pages: what a clinical author reads, shows and tries in a browser."""
