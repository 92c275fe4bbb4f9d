"""The language: from the text of a .pol file to its syntax tree."""
