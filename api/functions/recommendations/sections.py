"""From a section of the site to a category of the catalogue."""

# Sections of the site whose articles are filed under another category.
# Source: the newspaper's own table.
CATEGORY_ALIASES = {
    "technology": "business",
    "report-on-business": "business",
    "globe-investor": "investing",
    "news": "canada",
    "globe-drive": "drive",
}


def section_of(path: str) -> str:
    """Return the first piece of a section's path: "/canada/alberta/" and "canada" are both "canada"; "/" is ""."""
    return next((piece.strip() for piece in path.split("/") if piece.strip()), "")


def categories_of(sections: tuple[str, ...], default: str) -> tuple[str, ...]:
    """Return the categories to ask for, each once; the default when no section was asked."""
    return tuple(dict.fromkeys(CATEGORY_ALIASES.get(section, section) for section in sections or (default,)))
