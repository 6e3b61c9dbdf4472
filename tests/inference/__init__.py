"""Tests of `arena.inference`; `misbehaving` is the model server that other tests use too."""
