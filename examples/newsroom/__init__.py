"""A newspaper that does not exist: its articles, its readers and what they read, the same for the same seed and end."""

from examples.newsroom.settings import NewsroomSettings
from examples.newsroom.write import write_newsroom

__all__ = ["NewsroomSettings", "write_newsroom"]
