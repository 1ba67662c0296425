"""What the stack's template, or the shell, tells the application; read once, refused at the start when wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from recommendations.auto_context import read_table
from recommendations.fields import split_list


class Variable(NamedTuple):
    """An environment variable: how its text is read, what it is without one, and what it says."""

    name: str
    read: Any
    default: str
    meaning: str


VARIABLES = (
    Variable("SETTINGS_TABLE", str, "", "table whose active rows name the backends; empty for none"),
    Variable("CONTENT_TABLE", str, "Sophi3ContentMetaData", "table of the articles, key ContentId"),
    Variable("IMAGE_TABLE", str, "", "table of their pictures, key ContentID; empty for none"),
    Variable("FALLBACK_TABLE", str, "", "table that keeps the popular list; empty keeps it in memory"),
    Variable("EXPOSURES_TABLE", str, "", "table of the lists shown; empty measures no clicks"),
    Variable("ARN_PREFIX", str, "arn:aws:personalize:us-east-1:000000000000", "where named campaigns and filters are"),
    Variable("CAMPAIGN_NAME", str, "", "campaign that answers while no row is active"),
    Variable("RELATED_CAMPAIGN_NAME", str, "", "its sister for /related"),
    Variable("RANKING_CAMPAIGN_NAME", str, "", "its sister for /rerank"),
    Variable("FILTERS_PREFIX", str, "", "its filters are <prefix>-category and <prefix>-unread; empty for none"),
    Variable("TRACKER_ID", str, "", "its event tracker"),
    Variable("CONTENT_DATASET", str, "", "its items dataset: the dataset group's name, with or without /ITEMS"),
    Variable("DEFAULT_CATEGORY", str, "canada", "category asked for when a request names no section"),
    Variable("RECENT_DAYS", float, "3", "how old articles may be where a filter wants recent ones"),
    Variable("ALLOWED_ORIGINS", split_list, "", "pages that may read the answers"),
    Variable("AUTO_CONTEXT", read_table, "", "model columns that request headers fill: column=device|country|hour,…"),
    Variable("METADATA_COLUMNS", split_list, "", "item columns to take from Personalize instead of the content table"),
    Variable("MAX_SECTION_ITEMS", int, "0", "at most so many articles of a category in each ten; 0 is any"),
    Variable("POST_RANKING_HOOK", str, "", "a function of one's own, module:function, that reorders every list"),
    Variable("LOOK_AHEAD", int, "3", "with a hook, ask for so many times the articles of the page"),
    Variable("SETTINGS_TTL_S", float, "15", "how long rows of the settings table are remembered"),
    Variable("CONTENT_TTL_S", float, "60", "how long articles are remembered; 0 asks each time"),
    Variable("POPULAR_TTL_S", float, "60", "how often the popular list is loaded again"),
    Variable("DEADLINE_MS", float, "800", "when a request is answered, whatever is missing"),
    Variable("DEAD_LETTER_QUEUE_URL", str, "", "queue of what could not be delivered; empty for none"),
    Variable("EVENT_STREAM", str, "", "Kinesis stream that gets every event of /events too; empty for none"),
    Variable("CONNECTIONS", int, "16", "calls that may be under way at once"),
)


@dataclass(frozen=True)
class Settings:
    """The variables, typed; an empty name means that there is none."""

    settings_table: str
    content_table: str
    image_table: str
    fallback_table: str
    exposures_table: str
    arn_prefix: str
    campaign_name: str
    related_campaign_name: str
    ranking_campaign_name: str
    filters_prefix: str
    tracker_id: str
    content_dataset: str
    default_category: str
    recent_days: float
    allowed_origins: tuple[str, ...]
    auto_context: Mapping[str, str]
    metadata_columns: tuple[str, ...]
    max_section_items: int
    post_ranking_hook: str
    look_ahead: int
    settings_ttl_s: float
    content_ttl_s: float
    popular_ttl_s: float
    deadline_ms: float
    dead_letter_queue_url: str
    event_stream: str
    connections: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the variables.

        Errors: ValueError naming the variable that cannot be read.
        """
        return cls(**{variable.name.lower(): read_variable(variable, environment) for variable in VARIABLES})


def read_variable(variable: Variable, environment: Mapping[str, str]) -> Any:
    """Read one variable."""
    text = environment.get(variable.name, variable.default)
    try:
        return variable.read(text)
    except ValueError as error:
        raise ValueError(f"{variable.name}={text!r}: {error}") from None
