"""Back ends: decisions become programs. One module a back end."""
