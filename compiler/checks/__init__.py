"""What the grammar cannot check."""
