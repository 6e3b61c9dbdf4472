"""From a battle to rows: what several formats share."""
