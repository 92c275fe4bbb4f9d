"""The source document: its parts, an index of it, and what rests on which part."""
