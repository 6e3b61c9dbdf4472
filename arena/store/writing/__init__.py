"""The one writer: its commands, how each is decided and written, and what it keeps in memory."""
