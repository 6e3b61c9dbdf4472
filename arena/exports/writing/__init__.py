"""Writing a release: a folder that appears whole, or not at all. `release.write` is the way in."""
