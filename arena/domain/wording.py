"""How a sentence counts things."""


def counted(count: int, noun: str) -> str:
    """A number of things: `1 vote`, `2,000 votes`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
