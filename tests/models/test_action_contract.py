"""Every model of actions keeps the contract."""

from __future__ import annotations

from personalize_local.models.conversion import ConversionRates, fit_conversion
from personalize_local.models.testing_actions import ActionModelContract, Observed


class TestConversionRates(ActionModelContract):
    def fit(self, observed: Observed) -> ConversionRates:
        return fit_conversion(observed.action_row, observed.situation, observed.is_taken, observed.action_count, 50)
