"""One file a shape: a pure function from a row to the votes in it. Shapes do not import each other."""
