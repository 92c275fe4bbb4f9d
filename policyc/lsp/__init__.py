"""The language server: a module a feature, over what is known of a file as it stands in the editor."""
