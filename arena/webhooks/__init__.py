"""Sends what happened to addresses of others."""
