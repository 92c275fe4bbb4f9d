"""Decisions on record: what repeats one, files of them, and deciding again."""
