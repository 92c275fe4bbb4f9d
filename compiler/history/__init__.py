"""The revision history, executed: the text that stands on a day, as one knew it by a day."""
