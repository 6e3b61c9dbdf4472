"""The keys of a policy file: what findings of an audit lead to."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Kind = Literal[
    "lopsided",
    "careless",
    "half",
    "inverted",
    "push",
    "hunt",
    "ring",
    "pooled",
    "cohort",
    "gold",
    "repeat",
    "quick",
    "straight",
    "skip",
]
"""Kinds that votes may be held for: all but `apart`, which is a note, for to agree less with others is no fault."""


class RuleSettings(BaseModel):
    """What findings of one kind lead to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    then: Literal["note", "hold", "probation"]
    """`note`: people read it. `hold`: the votes that speak for it are held. `probation`: likewise, and the rater is on
    probation. No policy suspends; people do."""
    strength: Annotated[float, Field(ge=0, le=1_000, allow_inf_nan=False)] = 0.0
    """Natural logarithm of the evidence that a finding needs at least; a weaker one is a note."""


class PolicySettings(BaseModel):
    """A policy file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
    """Stands in the ledger, on boards and on cards. Rules that change need a new one."""
    looks: Annotated[int, Field(ge=1, le=10_000)] = 20
    """Audits of a growing workspace over which the chance of a false ring, pool or cohort is split."""
    kinds: dict[Kind, RuleSettings]
    """The rule for each kind; one that stands nowhere is a note."""
