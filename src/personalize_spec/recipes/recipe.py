"""What a recipe is: its inputs, its parameters, and what it can do at run time."""

from __future__ import annotations

from dataclasses import dataclass

from personalize_spec.arns import global_arn

USER_PERSONALIZATION = "USER_PERSONALIZATION"
PERSONALIZED_RANKING = "PERSONALIZED_RANKING"
RELATED_ITEMS = "RELATED_ITEMS"
POPULAR_ITEMS = "POPULAR_ITEMS"
PERSONALIZED_ACTIONS = "PERSONALIZED_ACTIONS"
USER_SEGMENTATION = "USER_SEGMENTATION"

INTEGER = "integer"
CONTINUOUS = "continuous"
CATEGORICAL = "categorical"

ParameterValue = int | float | bool | str


@dataclass(frozen=True)
class HyperParameter:
    """One hyperparameter or feature parameter. Values are strings on the wire, `default` too.

    `hpo_only` marks the ones the service sets by tuning alone: a fixed value is refused.
    """

    name: str
    default: str
    kind: str
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    tunable: bool = False
    hpo_only: bool = False

    @property
    def is_boolean(self) -> bool:
        """Tell whether the values are true and false."""
        return {value.casefold() for value in self.values} == {"true", "false"}

    @property
    def range_text(self) -> str:
        """Say in words what the value may be."""
        if self.kind == CATEGORICAL:
            return "one of " + ", ".join(self.values)
        number = "a whole number" if self.kind == INTEGER else "a number"
        bounds = (("from", self.minimum), ("to", self.maximum))
        return " ".join([number, *(f"{word} {bound:g}" for word, bound in bounds if bound is not None)])

    def parse(self, text: str) -> ParameterValue:
        """Read a wire value: int, float, bool for true/false parameters, else the value as the table spells it.

        Errors: ValueError when the text is not a value of this parameter.
        """
        if self.kind == CATEGORICAL:
            return self._parse_choice(text)
        number = int(text) if self.kind == INTEGER else float(text)
        too_low = self.minimum is not None and not number >= self.minimum
        too_high = self.maximum is not None and not number <= self.maximum
        if too_low or too_high or number != number:
            raise ValueError(f"'{text}' is not {self.range_text}")
        return number

    def _parse_choice(self, text: str) -> bool | str:
        """Letter case does not matter: clients write True and true."""
        for value in self.values:
            if value.casefold() == text.strip().casefold():
                return value.casefold() == "true" if self.is_boolean else value
        raise ValueError(f"'{text}' is not {self.range_text}")


@dataclass(frozen=True)
class Recipe:
    """A recipe as data. Dataset types are upper case; event types are those a domain recipe counts.

    Source: contract §4.1, §4.2, §4.4, §4.5 and the capability matrix at its end.
    """

    name: str
    recipe_type: str
    description: str
    domain: str | None = None
    algorithm: str | None = None
    feature_transformation: str | None = None
    hyperparameters: tuple[HyperParameter, ...] = ()
    feature_parameters: tuple[HyperParameter, ...] = ()
    required_datasets: tuple[str, ...] = ("INTERACTIONS",)
    optional_datasets: tuple[str, ...] = ()
    training_modes: tuple[str, ...] = ("FULL",)
    batch: str | None = None  # "inference", "segment"
    deployable: bool = True
    legacy: bool = False
    needs_user_id: bool = False
    needs_item_id: bool = False
    supports_scores: bool = False
    supports_exploration: bool = False
    supports_exploration_config: bool = False
    supports_context: bool = False
    supports_impressions: bool = False
    supports_metadata: bool = True
    includes_metadata: bool = False
    supports_promotions: bool = False
    supports_real_time: bool = False
    supports_tuning: bool = False
    supports_events_config: bool = False
    supports_objective: bool = False
    supports_incremental_update: bool = False
    supports_ranking_influence: bool = False
    supports_included_columns: bool = False
    needs_item_texts: bool = False
    update_interval_s: int | None = None
    event_type: str | None = None
    excluded_event_type: str | None = None

    @property
    def arn(self) -> str:
        """The recipe's ARN; recipes belong to no region and no account."""
        return global_arn("recipe", self.name)

    @property
    def algorithm_arn(self) -> str:
        """The ARN for DescribeAlgorithm. Inferred where the guide does not name it: the recipe's name."""
        return global_arn("algorithm", self.algorithm or self.name)

    @property
    def feature_transformation_arn(self) -> str:
        """The ARN for DescribeFeatureTransformation. Inferred where not named: the recipe's name."""
        return global_arn("feature-transformation", self.feature_transformation or self.name)
