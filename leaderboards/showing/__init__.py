"""Writes and draws boards, and says which differences on them are certain."""
