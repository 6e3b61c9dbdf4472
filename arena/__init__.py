"""Preference Arena: blind battles between models, honest leaderboards, data sets trainers load."""

from importlib.metadata import version

__version__ = version("preference-arena")
