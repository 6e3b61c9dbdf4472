"""One ASGI application: the gate, the API and the pages."""
