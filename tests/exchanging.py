"""Texts in which something is exchanged, which is there: an exchange of nothing would test nothing."""


def replaced(text, old, new, count=-1):
    """A text with other words in the place of some that it has."""
    assert old in text, f"{old!r} is not in: {text}"
    return text.replace(old, new, count)


def replace_in(path, old, new, count=-1):
    """The same for the text of a file."""
    path.write_text(replaced(path.read_text(encoding="utf-8"), old, new, count), encoding="utf-8")
