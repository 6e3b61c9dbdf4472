"""Releases: preference data written as folders that trainers load as they are.

`release.write` turns records into a folder. A new format is one file in `formats` and one entry in `FORMATS`;
docs/tour.md has the rest.
"""

from arena.errors import InvalidValue
from arena.exports.format import Format
from arena.exports.formats import (
    axolotl_chat,
    axolotl_intel,
    axolotl_kto,
    battles,
    helpsteer3,
    llamafactory_alpaca,
    llamafactory_kto,
    llamafactory_sharegpt,
    nemo_rl,
    openrlhf,
    sft,
    torchtune,
    trl_dpo,
    trl_kto,
    trl_reward,
    trl_tpo,
    verl,
)

FORMATS: dict[str, Format] = {
    module.FORMAT.name: module.FORMAT
    for module in (
        trl_dpo,
        trl_reward,
        trl_kto,
        trl_tpo,
        openrlhf,
        llamafactory_alpaca,
        llamafactory_sharegpt,
        llamafactory_kto,
        axolotl_chat,
        axolotl_intel,
        axolotl_kto,
        verl,
        nemo_rl,
        torchtune,
        helpsteer3,
        battles,
        sft,
    )
}
"""Every format this arena writes, by name."""


def named(name: str) -> Format:
    """A format by its name. Raises `InvalidValue` for one that this arena does not write."""
    form = FORMATS.get(name)
    if form is None:
        raise InvalidValue(f"format is {name!r}; accepted: {', '.join(sorted(FORMATS))}.")
    return form
