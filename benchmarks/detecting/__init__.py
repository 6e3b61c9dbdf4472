"""What `benchmarks/integrity.py` is made of: situations, detectors, what a run measures, and the bars it is held to."""
