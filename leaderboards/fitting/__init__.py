"""From counts to a board: ratings, their intervals, and ranks. `fit.fit` is the way in."""
