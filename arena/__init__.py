"""Preference Arena: blind battles between models, honest leaderboards, data sets trainers load."""


def __getattr__(name: str) -> str:
    """`__version__`, looked up when it is asked for: reading the metadata of packages slows every command down."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version  # noqa: PLC0415 - see above

    return version("preference-arena")
