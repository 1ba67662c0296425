"""`personalize-local evaluate` from end to end."""

from __future__ import annotations

import json

import pytest

from personalize_local.cli import main
from personalize_local.evaluation.policy_log import LoggedItem, write_policy_log


def test_a_file_becomes_a_table_a_plot_and_json(chain_csv, tmp_path, capsys):
    plot, content = tmp_path / "plot.svg", tmp_path / "result.json"
    arguments = ["--baselines", "popularity", "rules", "--recipe", "none", "--plot", str(plot), "--json", str(content)]
    assert main(["evaluate", str(chain_csv), *arguments]) == 0
    printed = capsys.readouterr().out
    assert "NDCG@10" in printed
    assert "ties count against the method" in printed
    assert plot.read_text(encoding="utf-8").startswith("<?xml")
    assert {row["name"] for row in json.loads(content.read_text())["rows"]} == {"popularity", "rules"}


def test_items_and_users_are_read(chain_csv, tmp_path, capsys):
    (tmp_path / "users.csv").write_text("user_id,plan\nu001,gold\n", encoding="utf-8")
    (tmp_path / "items.csv").write_text("item_id,colour\ni01,red\ni02,blue\n", encoding="utf-8")
    files = ["--items", str(tmp_path / "items.csv"), "--users", str(tmp_path / "users.csv")]
    arguments = [*files, "--baselines", "popularity", "--seeds", "1", "--sequence-layer", "never"]
    assert main(["evaluate", str(chain_csv), *arguments]) == 0
    printed = capsys.readouterr().out
    assert "items.csv describes 2 of 60 items with events; colour taken for categories" in printed
    assert "users.csv describes 1 of 120 users with events; plan taken for categories" in printed


def test_a_policy_log_is_judged(chain_csv, tmp_path, capsys):
    log = tmp_path / "log.jsonl"
    write_policy_log(log, [LoggedItem("r1", "i01", 1, 0.5, 1.0), LoggedItem("r2", "i02", 1, 0.5, 0.0)])
    assert main(["evaluate", str(chain_csv), "--policy-log", str(log), "--recipe", "none", "--baselines", "none"]) == 0
    assert "as logged" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--protocol", "guess"], "There is no protocol 'guess'"),
        (["--recipe", "aws-user-personalisation"], "use one of aws-user-personalization, "),
        (["--recipe", "aws-user-personalisation"], "Did you mean 'aws-user-personalization'?"),
        (["--recipe", "aws-item-affinity"], "'aws-item-affinity' is no recipe that ranks items"),
        (["--sequence-layer", "perhaps"], "The sequence layer is auto, always or never, not 'perhaps'"),
        (["--context", "DEVICE"], "no column of context DEVICE; columns of strings: none"),
        (["--items", "nowhere.csv"], "There is no file nowhere.csv"),
        (["--baselines", "none", "--recipe", "none"], "There is nothing to evaluate"),
        (["--plot", "plot.pdf", "--baselines", "popularity", "--recipe", "none"], "ends with .svg"),
    ],
)
def test_mistakes_end_with_one_line(chain_csv, capsys, arguments, message):
    assert main(["evaluate", str(chain_csv), *arguments]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("personalize-local: ")
    assert message in captured.err
    assert captured.err.count("\n") == 1
