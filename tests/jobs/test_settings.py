"""Settings from the environment: every one can be set, and a bad value names its variable."""

from dataclasses import fields

import pytest

from personalize_local.jobs.settings import Settings


def test_an_empty_environment_leaves_the_defaults():
    assert Settings.from_environment({}) == Settings()


def test_every_setting_has_a_variable_that_sets_it():
    variables = [entry.metadata["variable"] for entry in fields(Settings)]
    assert len(set(variables)) == len(variables)
    words = {"PERSONALIZE_LOCAL_SEQUENCE_LAYER": "Never", "PERSONALIZE_LOCAL_SPREAD": "10.0.0.1:6379"}
    words["PERSONALIZE_LOCAL_TEXT_EMBEDDER"] = "WordLlama"
    settings = Settings.from_environment(dict.fromkeys(variables, "1") | words)
    assert {getattr(settings, entry.name) for entry in fields(Settings)} == {1, "never", "10.0.0.1:6379", "wordllama"}


def test_workers_share_the_cores_and_know_the_setting_of_the_layer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    told = Settings(worker_limit=2, sequence_layer="never", spread="ray").worker_environment
    assert told == {
        "OMP_NUM_THREADS": "4",
        "OPENBLAS_NUM_THREADS": "3",
        "PERSONALIZE_LOCAL_SEQUENCE_LAYER": "never",
        "PERSONALIZE_LOCAL_TEXT_EMBEDDER": "none",
        "PERSONALIZE_LOCAL_SPREAD": "ray",
    }
    assert Settings.from_environment(told).sequence_layer == "never"


def test_a_value_that_cannot_be_read_names_the_variable_and_what_it_is():
    with pytest.raises(ValueError, match=r"PERSONALIZE_LOCAL_WORKERS is 'many': it should be imports and trainings"):
        Settings.from_environment({"PERSONALIZE_LOCAL_WORKERS": "many"})
