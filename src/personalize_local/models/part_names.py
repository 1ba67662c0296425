"""What people call the parts of a blend."""

from __future__ import annotations

from collections.abc import Mapping

from personalize_local.models.age_lift import AgeLift
from personalize_local.models.blend import Blend
from personalize_local.models.content import ContentAffinity
from personalize_local.models.context_lift import ContextLift
from personalize_local.models.item_objective import ItemObjective
from personalize_local.models.reader_lift import ReaderLift
from personalize_local.models.returns import Returns
from personalize_local.models.sequence_model import SequenceModel
from personalize_local.models.sequential_ridge import SequentialRidge
from personalize_local.models.sequential_rules import SequentialRules
from personalize_local.models.session_neighbours import SessionNeighbours
from personalize_local.models.taste import Taste

PART_NAMES: Mapping[type, str] = {
    AgeLift: "age",
    ContentAffinity: "content",
    ContextLift: "context",
    ItemObjective: "objective",
    ReaderLift: "people alike",
    Returns: "read again",
    SequenceModel: "sequence",
    SequentialRidge: "last read",
    SequentialRules: "read after",
    SessionNeighbours: "similar visits",
    Taste: "taste",
}


def name_of(part: object) -> str:
    """Give what a part is called; its class where nobody has named it: a report fails no training."""
    return PART_NAMES.get(type(part), type(part).__name__)


def weights_of(blend: Blend) -> dict[str, float]:
    """Give the weight of each part by its name, the heaviest first."""
    named = {name_of(part): float(weight) for part, weight in zip(blend.parts, blend.weights, strict=True)}
    return dict(sorted(named.items(), key=lambda entry: -entry[1]))
