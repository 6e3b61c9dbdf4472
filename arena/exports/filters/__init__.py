"""What a selection leaves out: one filter a reason, in a fixed order, and the counts of what stays."""
