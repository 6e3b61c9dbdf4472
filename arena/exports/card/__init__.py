"""The dataset card: what a release says of itself to people."""
