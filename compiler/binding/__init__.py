"""Binding: every name and every phrase of an author gets its meaning."""
