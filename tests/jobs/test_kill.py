"""Three kills of the server under load, and nothing that was acknowledged is lost: benchmarks/crash.py in short."""

from benchmarks.crash import run


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(tmp_path):
    report, facts = run(tmp_path, rounds=3, seed=7)
    assert report.problems == []
    assert facts.events and facts.records and facts.resources
