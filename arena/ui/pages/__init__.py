"""One module a page. Pages do not import each other."""
