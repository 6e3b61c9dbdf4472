"""The nouns of the arena: frozen, pure, without input or output."""
