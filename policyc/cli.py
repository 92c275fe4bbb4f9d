def main() -> None:
    """The command."""
