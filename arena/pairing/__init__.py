"""Which two models meet next: pure functions that return the draw probability with the pair."""

from arena.pairing import uniform

POLICIES = {"uniform": uniform.draw}
