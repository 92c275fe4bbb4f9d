"""The commands: one module each, whose `run` gives the exit status."""
