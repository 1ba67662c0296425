"""What the stack's template tells the function, read once."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The function's environment variables, typed; an empty name means that there is none."""

    settings_table: str
    content_table: str
    image_table: str
    campaign_name: str
    filters_prefix: str
    default_category: str
    allowed_origins: tuple[str, ...]
    settings_ttl_s: float
    deadline_s: float

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the variables that template.yaml sets.

        Errors: KeyError or ValueError when the template and this list disagree.
        """
        return cls(
            settings_table=environment["SETTINGS_TABLE"],
            content_table=environment["CONTENT_TABLE"],
            image_table=environment["IMAGE_TABLE"],
            campaign_name=environment["CAMPAIGN_NAME"],
            filters_prefix=environment["FILTERS_PREFIX"],
            default_category=environment["DEFAULT_CATEGORY"],
            allowed_origins=split_list(environment["ALLOWED_ORIGINS"]),
            settings_ttl_s=float(environment["SETTINGS_TTL_S"]),
            deadline_s=float(environment["DEADLINE_S"]),
        )


def split_list(text: str) -> tuple[str, ...]:
    """Split a comma list, dropping blanks."""
    return tuple(piece.strip() for piece in text.split(",") if piece.strip())
