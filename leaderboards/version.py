"""The version that boards carry."""

__version__ = "0.1.0"
