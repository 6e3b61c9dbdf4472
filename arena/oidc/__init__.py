"""Signing in with an organisation: what is asked of its OpenID Connect provider, and what is believed."""
