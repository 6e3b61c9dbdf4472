"""Tests of `arena.exports`: pure functions first, then whole releases, then the trainers' own loaders."""
