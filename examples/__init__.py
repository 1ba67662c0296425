"""Examples that run: a generated newspaper, MovieLens, and the walk from nothing to recommendations."""
