"""Which two models meet next: pure functions that return the draw probability with the pair."""
