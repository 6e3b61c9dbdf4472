"""Preference data as files that trainers load."""
