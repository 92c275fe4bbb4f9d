"""Words and ink: what was found, as text for people and as JSON."""
