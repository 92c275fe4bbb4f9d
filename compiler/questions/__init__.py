"""A decision as diagrams over the cells of its facts, with nothing known but the day."""
