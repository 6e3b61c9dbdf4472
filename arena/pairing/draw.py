"""What a pairing policy returns."""

from dataclasses import dataclass

from arena.domain.ids import ModelName


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Two models, already placed on their sides."""

    model_a: ModelName
    model_b: ModelName
    probability: float
    """Of drawing this unordered pair from those available, before sides were drawn."""
