"""Model servers: httpx and the OpenAI wire format live here."""
