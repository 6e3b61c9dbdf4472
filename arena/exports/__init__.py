"""Releases: preference data written as folders that trainers load as they are.

`release.write` turns records into a folder. A new format is one file in `formats` and one entry in `FORMATS`.
"""

from arena.exports.format import Format
from arena.exports.formats import battles, trl_dpo

FORMATS: dict[str, Format] = {module.FORMAT.name: module.FORMAT for module in (trl_dpo, battles)}
"""Every format this arena writes, by name."""
