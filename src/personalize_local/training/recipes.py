"""Which model stands for each recipe, and what the recipe's parameters do to it.

| parameter | here |
|---|---|
| bptt | how many events of a history the sequential models look back on |
| hidden_dimension | capacity: the ridge's regularisation is 100 × 149 / hidden_dimension |
| recency_mask, apply_recency_bias | whether popularity of the last 1, 7 and 30 days has a say, or of all time only |
| min/max_…_percentile | users by history length, and items by count, outside of them are left out of training |
| popularity_discount_factor f | users in common over n_i^0.5 n_j^f for SIMS, n_j^(0.5 + f/2) for Similar-Items |
| min_cointeraction_count | pairs of items with fewer users in common do not count |
| trend_discovery_frequency | the interval whose growth is looked at |
| item_id_hidden_dim i, item_metadata_hidden_dim m | behaviour has n / (n + 5 m / i) of the say, n the users |
| hidden_dimension of segments | how many neighbours of each item carry interest over |
| cold_start_…, performExploration | refused unless they have their defaults, see refused.py |

The networks of AWS's recipes are replaced by closed-form models; v1 and v2 differ in their parameters only, and legacy
recipes are trained like aws-user-personalization. Source: parameters contract §4.1; their effect here is inferred.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from personalize_local.models.content import ItemContent
from personalize_local.models.ensemble import Ensemble, EnsembleSettings
from personalize_local.models.fitting import FITTING_HERE, Fitting
from personalize_local.models.item_similarity import COLD_COUNT, fit_item_similarity
from personalize_local.models.popularity import fit_popularity
from personalize_local.models.query import Recommender
from personalize_local.models.sequence_fit import Progress, SequenceFit
from personalize_local.models.sequences import Sequences
from personalize_local.models.slices import Records
from personalize_local.models.trending import fit_trending
from personalize_spec.recipes import ParameterValue

DEFAULT_DIMENSION = 149
DOMAIN_MIN_TOGETHER = 2  # users in common: with the least data, three would leave hardly a pair
INTERVALS_S = {"30 minutes": 1800.0, "1 hour": 3600.0, "2 hours": 7200.0, "3 hours": 10_800.0, "1 day": 86_400.0}

Parameters = Mapping[str, ParameterValue]
Fit = Callable[[Sequences, ItemContent | None], Recommender]


@dataclass(frozen=True)
class Material:
    """What a fit may be prepared on: training users' events, the items' content, the seed; and how events are read."""

    sequences: Sequences
    content: ItemContent | None
    seed: int
    progress: Progress
    sequence_fit: SequenceFit | None = None
    fitting: Fitting = FITTING_HERE
    has_echoes: bool = False
    records: Records = ()


def ensemble_settings(parameters: Parameters) -> EnsembleSettings:
    """Turn a personalization recipe's parameters into what the ensemble may vary."""
    return EnsembleSettings(
        window=int(parameters.get("bptt", 32)),
        regularisation=100.0 * DEFAULT_DIMENSION / float(parameters.get("hidden_dimension", DEFAULT_DIMENSION)),
        recent=bool(parameters.get("recency_mask", parameters.get("apply_recency_bias", True))),
    )


def _personalization(parameters: Parameters, material: Material) -> Fit:
    settings = replace(ensemble_settings(parameters), has_echoes=material.has_echoes)
    ensemble = Ensemble(
        settings, material.seed, material.progress, material.sequence_fit, material.fitting, material.records
    )
    ensemble.learn(material.sequences, material.content)
    return ensemble.fit


def _similar_items(parameters: Parameters, material: Material) -> Fit:
    power = 0.5 + float(parameters.get("popularity_discount_factor", 0.0)) / 2.0
    dimensions = (
        float(parameters.get("item_metadata_hidden_dim", 100)),
        float(parameters.get("item_id_hidden_dim", 100)),
    )
    count = COLD_COUNT * dimensions[0] / dimensions[1]
    return lambda sequences, content: fit_item_similarity(
        sequences, content, popularity_power=power, content_count=count
    )


def _sims(parameters: Parameters, material: Material) -> Fit:
    power = float(parameters.get("popularity_discount_factor", 0.5))
    together = int(parameters.get("min_cointeraction_count", 3))
    return lambda sequences, content: fit_item_similarity(sequences, popularity_power=power, min_together=together)


def _semantic_similarity(parameters: Parameters, material: Material) -> Fit:
    return lambda sequences, content: fit_item_similarity(sequences, content, behaviour_limit=0.0)


def _seen_together(parameters: Parameters, material: Material) -> Fit:
    return lambda sequences, content: fit_item_similarity(sequences, min_together=DOMAIN_MIN_TOGETHER)


def _popularity(parameters: Parameters, material: Material) -> Fit:
    return lambda sequences, content: fit_popularity(sequences)


def _trending(parameters: Parameters, material: Material) -> Fit:
    interval_s = trend_interval_s(parameters)
    return lambda sequences, content: fit_trending(sequences, interval_s=interval_s)


PREPARE: Mapping[str, Callable[[Parameters, Material], Fit]] = {
    "aws-user-personalization": _personalization,
    "aws-user-personalization-v2": _personalization,
    "aws-personalized-ranking": _personalization,
    "aws-personalized-ranking-v2": _personalization,
    "aws-hrnn": _personalization,
    "aws-hrnn-metadata": _personalization,
    "aws-hrnn-coldstart": _personalization,
    "aws-similar-items": _similar_items,
    "aws-sims": _sims,
    "aws-semantic-similarity": _semantic_similarity,
    "aws-popularity-count": _popularity,
    "aws-trending-now": _trending,
    "aws-ecomm-popular-items-by-views": _popularity,
    "aws-ecomm-popular-items-by-purchases": _popularity,
    "aws-ecomm-frequently-bought-together": _seen_together,
    "aws-ecomm-customers-who-viewed-x-also-viewed": _seen_together,
    "aws-ecomm-recommended-for-you": _personalization,
    "aws-vod-because-you-watched-x": _seen_together,
    "aws-vod-more-like-x": _similar_items,
    "aws-vod-most-popular": _popularity,
    "aws-vod-trending-now": _trending,
    "aws-vod-top-picks": _personalization,
}


PERSONALIZATION = frozenset(name for name, prepare in PREPARE.items() if prepare is _personalization)


def trend_interval_s(parameters: Parameters) -> float:
    """Give the interval of trend_discovery_frequency in seconds."""
    return INTERVALS_S[str(parameters.get("trend_discovery_frequency", "2 hours"))]
