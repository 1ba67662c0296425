"""The walk from nothing to recommendations, with the ordinary tools."""
