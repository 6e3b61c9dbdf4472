"""HTTP in and out; holds no rule."""
