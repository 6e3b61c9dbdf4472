"""A board written down and drawn, and what may be said of it."""
