"""Settings from the environment: every one can be set, and a bad value names its variable."""

from dataclasses import fields

import pytest

from personalize_local.jobs.settings import Settings


def test_an_empty_environment_leaves_the_defaults():
    assert Settings.from_environment({}) == Settings()


def test_every_setting_has_a_variable_that_sets_it():
    variables = [entry.metadata["variable"] for entry in fields(Settings)]
    assert len(set(variables)) == len(variables)
    settings = Settings.from_environment(dict.fromkeys(variables, "1"))
    assert {getattr(settings, entry.name) for entry in fields(Settings)} == {1}


def test_a_value_that_cannot_be_read_names_the_variable_and_what_it_is():
    with pytest.raises(ValueError, match=r"PERSONALIZE_LOCAL_WORKERS is 'many': it should be imports and trainings"):
        Settings.from_environment({"PERSONALIZE_LOCAL_WORKERS": "many"})
