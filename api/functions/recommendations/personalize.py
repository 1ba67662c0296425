"""Calls to Personalize Runtime: with the visit's context, and without it for a campaign that does not take it."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from recommendations.logs import error_code, log_event

REMEMBERED_S = 600  # a release may put another model behind the same ARN
CALL_ERRORS = (BotoCoreError, ClientError)
REFUSALS = frozenset({"InvalidInputException", "ResourceNotFoundException"})  # the call's own fault, not the service's


class PersonalizeRuntime:
    """Knows for a while which campaigns refuse a context."""

    def __init__(self, client: Any, clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock
        self._refuses_context_until: dict[str, float] = {}  # by campaign ARN

    def recommend(self, call: dict[str, Any], context: dict[str, str]) -> dict[str, Any]:
        """Call GetRecommendations.

        Errors: CALL_ERRORS.
        """
        return self._with_context(self._client.get_recommendations, call, context)

    def rank(self, call: dict[str, Any], context: dict[str, str]) -> dict[str, Any]:
        """Call GetPersonalizedRanking.

        Errors: CALL_ERRORS.
        """
        return self._with_context(self._client.get_personalized_ranking, call, context)

    def _with_context(
        self, operation: Callable[..., dict[str, Any]], call: dict[str, Any], context: dict[str, str]
    ) -> dict[str, Any]:
        """A campaign whose data has no such columns may refuse: it is asked again without, and remembered."""
        campaign = call["campaignArn"]
        if not context or self._clock() < self._refuses_context_until.get(campaign, 0.0):
            return operation(**call)
        try:
            return operation(**call, context=context)
        except ClientError as error:
            if error_code(error) != "InvalidInputException":
                raise
        answer = operation(**call)
        self._refuses_context_until[campaign] = self._clock() + REMEMBERED_S
        log_event("warning", "context_refused", campaign=campaign.rpartition("/")[2], columns=sorted(context))
        return answer
