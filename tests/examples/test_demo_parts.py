"""The parts of the demo that need no cloud: commands as typed, progress, choices, tables."""

import io
import json
import shlex
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from examples.demo.__main__ import main
from examples.demo.asking import Question, read_answer
from examples.demo.catalogue import Reader, Reading, Work, count_readers, load_readers
from examples.demo.choosing import choose_next_reads, choose_reader, find_reader
from examples.demo.content_tables import load_rows
from examples.demo.errors import CommandFailedError, DemoError
from examples.demo.mails import mail_files, mail_text, wait_for_mail
from examples.demo.parts import Parts
from examples.demo.screen import Busy, Screen, seconds
from examples.demo.settings import DemoSettings
from examples.demo.shell import Shell
from examples.demo.state_machine import StateRun, coming_states, failure, planned_states, state_runs
from examples.demo.tables import age, durations_table, metrics_table, rank_change, readings_table, recommendations_table
from examples.demo.typed import OPTION_WIDTH, quote, spread_json, typed, typed_exports

START = datetime(2026, 11, 23, 12, tzinfo=UTC)


def make_screen() -> tuple[Screen, io.StringIO]:
    output = io.StringIO()
    return Screen(Console(file=output, force_terminal=False, width=120, highlight=False)), output


def rendered(renderable) -> str:
    screen, output = make_screen()
    screen.show(renderable)
    return output.getvalue()


# ── Commands as typed ──


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30), min_size=1, max_size=12))
def test_a_typed_command_means_the_same_to_a_shell(arguments):
    arguments = ["aws", *arguments]
    assert shlex.split(typed(arguments).replace(" \\\n", " ")) == arguments


def test_plain_words_are_not_quoted():
    assert typed(["sam", "build", "--stack-name", "a-b"]) == "sam build --stack-name a-b"
    assert quote("ParameterKey=Email,ParameterValue=reader@example.com").startswith("ParameterKey")


def test_json_is_typed_in_single_quotes():
    assert quote('{"a": [1]}') == """'{"a": [1]}'"""


def test_long_commands_continue_on_the_next_line_before_an_option():
    lines = typed(["sam", "deploy", "--stack-name", "x" * 60, "--s3-bucket", "y" * 60]).split(" \\\n")
    assert [line.split()[0] for line in lines] == ["sam", "--s3-bucket"]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda values: st.lists(values, max_size=5) | st.dictionaries(st.text(max_size=8), values, max_size=5),
    max_leaves=25,
)


@given(JSON_VALUES, st.integers(10, 100))
def test_json_spread_over_lines_is_the_same_json(value, width):
    assert json.loads(spread_json(value, width)) == value


def test_long_json_is_spread_between_members():
    text = spread_json({"first": "a, b", "second": list(range(9))}, width=12 + OPTION_WIDTH)
    assert text == '{"first": "a, b",\n"second": [0, 1, 2, 3, 4, 5, 6, 7,\n8]}'


def test_exports_name_every_variable():
    assert typed_exports({"A": "1", "B": "two words"}) == "export A=1 B='two words'"


# ── The shell ──


@pytest.fixture
def shell(tmp_path):
    screen, output = make_screen()
    shell = Shell(screen, {"PATH": "/usr/bin:/bin"}, tmp_path, tmp_path / "logs")
    return shell, output


def test_a_command_is_shown_with_its_output(shell):
    shell, output = shell
    assert shell.run(sys.executable, "-c", "print('hello')") == "hello\n"
    assert f"$ {sys.executable} -c \"print('hello')\"" in output.getvalue()
    assert output.getvalue().endswith("  hello\n")


def test_a_failing_command_raises_with_its_output(shell):
    with pytest.raises(CommandFailedError, match="ended with status 3") as caught:
        shell[0].run(sys.executable, "-c", "import sys; sys.stderr.write('no such bucket'); sys.exit(3)")
    assert caught.value.output == "no such bucket"


def test_a_long_command_goes_to_a_log_and_only_its_time_is_shown(shell, tmp_path):
    shell, output = shell
    shell.run_long(sys.executable, "-c", "print('one'); print('two')", log_name="steps")
    assert (tmp_path / "logs" / "steps.log").read_text().endswith("one\ntwo\n")
    assert "one" not in output.getvalue().splitlines()[-1] and "log: logs/steps.log" in output.getvalue()


def test_a_long_command_that_fails_is_shown_in_full(shell):
    shell, output = shell
    with pytest.raises(CommandFailedError, match="ended with status 1") as caught:
        shell.run_long(sys.executable, "-c", "print('why'); raise SystemExit(1)", log_name="broken")
    assert "  why\n" in output.getvalue() and caught.value.log.is_file()


def test_a_missing_program_is_named(shell):
    with pytest.raises(DemoError, match="There is no program 'no-such-program'"):
        shell[0].run("no-such-program")


def test_paths_are_written_from_the_current_folder(shell, tmp_path):
    shell, output = shell
    (tmp_path / "mlops").mkdir()
    shell.cd(tmp_path / "mlops")
    shell.cd(tmp_path / "mlops")
    assert shell.path(tmp_path / "mlops" / "Items") == "./Items"
    assert shell.path(tmp_path / "data") == "../data"
    assert output.getvalue() == "$ cd mlops\n"


# ── The workflow's progress ──

DEFINITION = {
    "StartAt": "Check",
    "States": {
        "Check": {"Type": "Task", "Next": "Accepted?", "Catch": [{"Next": "Tell failure"}]},
        "Accepted?": {"Type": "Choice", "Choices": [{"Next": "Make"}], "Default": "Tell refusal"},
        "Make": {"Type": "Task", "Next": "Ready?"},
        "Ready?": {"Type": "Choice", "Choices": [{"Next": "Import"}], "Default": "Wait"},
        "Wait": {"Type": "Wait", "Next": "Look"},
        "Look": {"Type": "Task", "Next": "Ready?"},
        "Import": {"Type": "Map", "Next": "Tell"},
        "Tell": {"Type": "Task", "Next": "Done"},
        "Done": {"Type": "Succeed"},
        "Tell refusal": {"Type": "Task", "Next": "Failed"},
        "Tell failure": {"Type": "Task", "Next": "Failed"},
        "Failed": {"Type": "Fail"},
    },
}


def entered(kind: str, name: str, at_s: float) -> dict:
    moment = START + timedelta(seconds=at_s)
    return {"type": f"{kind}StateEntered", "timestamp": moment, "stateEnteredEventDetails": {"name": name}}


def exited(kind: str, name: str, at_s: float) -> dict:
    moment = START + timedelta(seconds=at_s)
    return {"type": f"{kind}StateExited", "timestamp": moment, "stateExitedEventDetails": {"name": name}}


def test_planned_states_are_those_of_the_way_to_success():
    assert planned_states(DEFINITION) == ["Check", "Make", "Import", "Tell"]


def test_runs_are_top_level_work_in_order():
    events = [
        {"type": "ExecutionStarted", "timestamp": START},
        entered("Task", "Check", 0),
        exited("Task", "Check", 2),
        entered("Choice", "Accepted?", 2),
        entered("Map", "Import", 3),
        entered("Task", "Inner", 3),
    ]
    runs = state_runs(events, DEFINITION["States"])
    assert [run.name for run in runs] == ["Check", "Import"]
    assert runs[0].duration_s(START) == 2
    assert runs[1].left_at is None and runs[1].duration_s(START + timedelta(seconds=10)) == 7


def test_a_state_in_a_loop_counts_from_first_to_last():
    events = [
        entered("Task", "Look", 1),
        exited("Task", "Look", 2),
        entered("Task", "Look", 5),
        exited("Task", "Look", 6),
    ]
    (run,) = state_runs(events, DEFINITION["States"])
    assert run.duration_s(START) == 5


def test_coming_states_follow_the_latest_entered():
    runs = [StateRun("Check", "Task", START, START), StateRun("Make", "Task", START)]
    assert coming_states(["Check", "Make", "Import", "Tell"], runs) == ["Import", "Tell"]
    assert coming_states(["Check", "Make"], []) == ["Check", "Make"]


def test_failure_names_error_and_cause():
    events = [{"type": "ExecutionFailed", "executionFailedEventDetails": {"error": "ImportFailed", "cause": "row 3"}}]
    assert failure(events) == ("ImportFailed", "row 3")
    assert failure([]) == ("", "")


# ── Readers and what they read next ──


def make_work(item_id: str, category: str = "canada", thread: str = "single", hidden: bool = False) -> Work:
    return Work(
        item_id, f"Title {item_id}", f"{category}/x", (category,), thread, 1_000 + int(item_id[1:]), hidden=hidden
    )


def make_reader(user_id: str, item_ids: list[str], kind: str = "Subscribed") -> Reader:
    return Reader(user_id, kind, tuple(Reading(item_id, row) for row, item_id in enumerate(item_ids)))


def make_works() -> dict[str, Work]:
    """Give 60 works of two sections, and a story in one of them that nobody has read."""
    singles = [
        work for row in range(60) for work in [make_work(f"c{row}", thread=f"c{row}"), make_work(f"s{row}", "sports")]
    ]
    return {work.item_id: work for work in [*singles, *story("left", 100)]}


def story(thread: str, first: int, count: int = 5) -> list[Work]:
    return [make_work(f"c{row}", thread=thread) for row in range(first, first + count)]


WORKS = make_works()


def test_the_regular_who_reads_most_in_the_category_is_chosen():
    few = make_reader("few", [f"c{row}" for row in range(10)])
    only = make_reader("only", [f"c{row}" for row in range(40)])
    mixed = make_reader("mixed", [f"c{row}" for row in range(12)] + [f"s{row}" for row in range(15)])
    most = make_reader("most", [f"c{row}" for row in range(15)] + [f"s{row}" for row in range(15)])
    free = make_reader("free", [f"c{row}" for row in range(16)] + [f"s{row}" for row in range(15)], "Anonymous")
    assert choose_reader([few, only, mixed, most, free], WORKS, "canada", "Subscribed") is most


def test_who_has_nothing_left_to_read_is_not_chosen():
    works = {item_id: work for item_id, work in WORKS.items() if work.thread != "left"} | {
        work.item_id: work for work in story("short", 100, 2)
    }
    sports = [f"s{row}" for row in range(15)]
    most = make_reader("most", [f"c{row}" for row in range(15)] + ["c100"] + sports)
    less = make_reader("less", [f"c{row}" for row in range(12)] + sports)
    assert choose_reader([most, less], works, "canada", "Subscribed") is less
    assert [work.item_id for work in choose_next_reads(less, works, {}, "canada", shown=[])] == ["c100"]


def test_without_a_fitting_reader_the_message_says_what_to_do():
    with pytest.raises(DemoError, match="No reader with enough history in 'canada'"):
        choose_reader([make_reader("few", ["c1"])], WORKS, "canada", "Subscribed")


def test_a_named_reader_is_found_or_missed():
    reader = make_reader("42", ["c1"])
    assert find_reader([reader], "42") is reader
    with pytest.raises(DemoError, match="There is no reader '43' in the data"):
        find_reader([reader], "43")


def test_next_reads_begin_the_most_read_story_that_is_new_to_the_reader():
    read, shown, fresh, short = story("read", 0), story("shown", 10), story("fresh", 20), story("short", 30, 3)
    works = {work.item_id: work for work in read + shown + fresh + short + [make_work("c9", thread="read")]}
    counts = dict.fromkeys(works, 10) | {"c20": 50, "c30": 900}
    reader = make_reader("42", ["c0"])
    chosen = choose_next_reads(reader, works, counts, "canada", shown=["c10", "c11"])
    assert [work.item_id for work in chosen] == ["c20", "c21", "c22"]


def test_hidden_works_and_other_sections_are_not_read_next():
    works = {w.item_id: w for w in [make_work(f"c{row}", thread="a", hidden=True) for row in range(6)] + story("b", 10)}
    works |= {work.item_id: work for work in [make_work(f"s{row}", "sports", "c") for row in range(6)]}
    chosen = choose_next_reads(make_reader("42", []), works, {}, "canada", shown=[])
    assert {work.thread for work in chosen} == {"b"}


def test_old_stories_are_not_read_next():
    old = [replace(work, published_epoch_s=1_000) for work in story("old", 0)]
    new = [replace(work, published_epoch_s=1_000_000) for work in story("new", 10)]
    works = {work.item_id: work for work in old + new}
    chosen = choose_next_reads(make_reader("42", []), works, {"c0": 900}, "canada", shown=[])
    assert {work.thread for work in chosen} == {"new"}


def test_nothing_left_to_read_is_said():
    with pytest.raises(DemoError, match="Nothing in 'canada' is left to read for 42"):
        choose_next_reads(make_reader("42", []), {}, {}, "canada", shown=[])


def test_readers_are_loaded_with_each_work_once_in_order_of_time(tmp_path):
    path = tmp_path / "interactions.csv"
    rows = [
        "u,a,5,page_view,Subscribed",
        "u,b,3,page_view,Subscribed",
        "u,a,1,page_view,Subscribed",
        "u,c,9,click,Subscribed",
    ]
    path.write_text("\n".join(["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,visitor_type", *rows]) + "\n")
    (reader,) = load_readers(path, "page_view")
    assert reader == Reader("u", "Subscribed", (Reading("b", 3), Reading("a", 5)))
    assert [reading.item_id for reading in reader.latest(1)] == ["a"]
    assert count_readers([reader, make_reader("v", ["a"])]) == {"a": 2, "b": 1}


# ── Tables ──


@pytest.mark.parametrize(
    ("item_id", "rank", "change"), [("a", 1, "="), ("b", 1, "↑ 1"), ("a", 3, "↓ 2"), ("z", 1, "new")]
)
def test_rank_change(item_id, rank, change):
    assert rank_change(item_id, rank, ["a", "b", "c"]) == change


@pytest.mark.parametrize(
    ("passed_s", "text"),
    [(90, "1 min"), (7 * 3600 + 5, "7 h"), (3 * 86_400, "3 days"), (12 * 365 * 86_400, "12 years"), (-5, "0 min")],
)
def test_age(passed_s, text):
    assert age(10**9, 10**9 + passed_s) == text


@pytest.mark.parametrize(
    ("duration_s", "text"), [(0.44, "0.4 s"), (9.96, "10 s"), (12.3, "12 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s")]
)
def test_seconds(duration_s, text):
    assert seconds(duration_s) == text


def recommended(*item_ids: str) -> list[dict[str, str]]:
    return [{"content_id": i, "title": f"Title {i}", "section_meta_title": "canada/x"} for i in item_ids]


def test_the_second_table_marks_what_changed():
    text = rendered(recommendations_table(recommended("c2", "c1", "c9"), WORKS, 90_000, before=["c1", "c2"]))
    rows = {line.split()[0]: line.split()[1:3] for line in text.splitlines() if line.strip()[:1].isdigit()}
    assert rows == {"1": ["↑", "1"], "2": ["↓", "1"], "3": ["new", "Title"]}


def test_what_continues_a_thread_is_marked():
    works = {work.item_id: work for work in [make_work("c1", thread="fire"), make_work("c2", thread="ferry")]}
    text = rendered(recommendations_table(recommended("c1", "c2"), works, 90_000, before=[], thread="fire"))
    assert [line.split("‹")[0].split()[-1] for line in text.splitlines() if "‹ more of it" in line] == ["c1"]


def test_the_first_table_has_no_changes():
    text = rendered(recommendations_table(recommended("c2"), WORKS, 90_000))
    assert "change" not in text and "Title c2" in text and "24 h ago" in text


def test_readings_name_works_that_left_the_catalogue():
    text = rendered(readings_table([Reading("c1", 86_400), Reading("gone", 3_600)], WORKS, 90_000))
    assert "1 h ago" in text and "gone" in text and "not in the catalogue" in text


def test_metrics_stand_side_by_side_with_their_ratio():
    text = rendered(metrics_table(["ndcg_at_10"], {"ours": {"ndcg_at_10": 0.2}, "popular": {"ndcg_at_10": 0.1}}))
    assert "ndcg at 10" in text and "0.2000" in text and "2.00" in text


def test_durations_are_summed():
    screen, _ = make_screen()
    text = rendered(durations_table(Parts(screen, [("One", 2.0), ("Two", 61.0)])))
    assert "1 min 01 s" in text and "1 min 03 s" in text


# ── Content tables, the question, mails ──


class FakeDynamo:
    """Takes at most ten rows of a batch, and hands the rest back."""

    def __init__(self) -> None:
        self.rows: list[dict] = []

    def batch_write_item(self, RequestItems: dict) -> dict:
        ((table, requests),) = RequestItems.items()
        self.rows += [request["PutRequest"]["Item"] for request in requests[:10]]
        return {"UnprocessedItems": {table: requests[10:]} if requests[10:] else {}}


def test_all_rows_are_put_also_those_first_refused():
    dynamo = FakeDynamo()
    count = load_rows(dynamo, "t", ({"ContentId": str(row), "Ratio": 0.5} for row in range(60)), Busy("x", None, 0))
    assert count == 60 == len({row["ContentId"]["S"] for row in dynamo.rows})
    assert dynamo.rows[0]["Ratio"] == {"N": "0.5"}


class StubbornDynamo:
    def batch_write_item(self, RequestItems: dict) -> dict:
        return {"UnprocessedItems": RequestItems}


def test_a_table_that_refuses_rows_is_named():
    with pytest.raises(DemoError, match="The table t does not take the rows: 1 are left after 8 tries"):
        load_rows(StubbornDynamo(), "t", [{"ContentId": "1"}], Busy("x", None, 0))


def test_the_question_is_the_readmes():
    question = Question("http://localhost:4566/x", "key", "42", "subscribed", "/canada/", "A1")
    sub_request = question.body()["sub_requests"][0]
    assert question.body()["visitor_id"] == "42"
    assert sub_request["context"] == "art_same_section_mostpopular" and sub_request["section"] == "/canada/"
    assert sub_request["last_content_ids"] == "A1" and "newsletter_ids" not in sub_request
    assert json.loads(question.command(100)[-1]) == question.body() and question.command(100)[4] == "x-api-key: key"


def test_an_answer_that_is_no_recommendations_is_shown():
    assert read_answer('[{"recommendations": [{"content_id": "A"}]}]') == [{"content_id": "A"}]
    with pytest.raises(DemoError, match=r"did not answer with recommendations but with: .*Forbidden"):
        read_answer('{"message":"Forbidden"}')


def test_the_new_mail_is_shown_as_it_was_sent(tmp_path):
    (tmp_path / "1.eml").write_bytes(EmailMessage().as_bytes())
    known = mail_files(tmp_path)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "topic@example.com", "reader@example.com", "Ready"
    mail.set_content("The endpoint is ready.\n\n--\nTo unsubscribe, click.\n")
    (tmp_path / "2.eml").write_bytes(mail.as_bytes())
    found = wait_for_mail(tmp_path, known)
    assert mail_text(found) == (
        "From: topic@example.com\nTo: reader@example.com\nSubject: Ready\n\nThe endpoint is ready."
    )


# ── Settings ──


def test_settings_come_from_the_environment(tmp_path):
    settings = DemoSettings.from_environment(
        {"PERSONALIZE_LOCAL_PORT": "4999", "PERSONALIZE_LOCAL_DATA_DIR": str(tmp_path)}
    )
    assert settings.endpoint_url == "http://localhost:4999" and settings.work_dir == tmp_path / "demo"


def test_the_tools_get_the_local_cloud_whatever_the_machine_is_set_to(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://elsewhere.example.com")
    environment = DemoSettings(tmp_path, 4999, tmp_path).tool_environment()
    assert "AWS_PROFILE" not in environment and environment["AWS_ENDPOINT_URL"] == "http://localhost:4999"
    assert environment["AWS_ACCESS_KEY_ID"] == "test" and environment["PATH"].startswith(str(tmp_path))


def test_a_port_that_is_none_is_refused(monkeypatch, capsys):
    monkeypatch.setenv("PERSONALIZE_LOCAL_PORT", "http")
    assert main([]) == 1
    assert "PERSONALIZE_LOCAL_PORT must be a port from 1 to 65535, not 'http'" in capsys.readouterr().out
