"""Who can time what: simulated battles of unequal speed, and a classifier that looks for the slower side in them."""
