"""Resources: found again as they were; names, parents, order. The store behaves as a plain dictionary does."""

import dataclasses
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, rule

from personalize_local.store import resources
from personalize_local.store.artifacts import ArtifactStore
from personalize_local.store.database import Database
from personalize_local.store.resources import Resource, ResourceExistsError, ResourceStore
from personalize_spec.arns import Scope

HERE, THERE = Scope("us-east-1", "123456789012"), Scope("eu-west-1", "123456789012")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def make(name, kind="campaign", scope=HERE, parent_arn=None, **body):
    return Resource(kind, scope.arn(kind, name), name, scope, parent_arn, "ACTIVE", body, NOW, NOW)


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path / "personalize.db")
    yield database
    database.close()


@pytest.fixture
def store(database):
    return ResourceStore(database)


def insert(database, store, *resources):
    with database.transaction() as connection:
        for resource in resources:
            store.insert(connection, resource)


def test_a_resource_comes_back_as_it_was(database, store):
    resource = make("a", parent_arn="parent", weights={"a": 0.5, "ü": None}, tps=1)
    insert(database, store, resource)
    assert store.get(resource.arn) == resource
    assert store.find("campaign", HERE, "a") == resource
    assert store.get("unknown") is None and store.find("filter", HERE, "a") is None


def test_a_name_is_taken_once_per_kind_account_and_region(database, store):
    insert(database, store, make("a"), make("a", kind="filter"), make("a", scope=THERE))
    other_arn = dataclasses.replace(make("a"), arn=HERE.arn("campaign", "b"))
    for taken in (make("a"), other_arn):
        with pytest.raises(ResourceExistsError), database.transaction() as connection:
            store.insert(connection, taken)


def test_datasets_and_versions_may_have_the_same_name(database, store):
    datasets = [
        dataclasses.replace(make("data", kind="dataset"), arn=HERE.dataset_arn(group, "ITEMS")) for group in ("a", "b")
    ]
    insert(database, store, *datasets)
    assert len(store.list("dataset", HERE)) == 2


def test_an_update_changes_what_is_given_and_the_time(database, store):
    insert(database, store, make("a", parent_arn="parent", tps=1, kept=True))
    later = NOW + timedelta(seconds=5)
    with database.transaction() as connection:
        store.update(connection, make("a").arn, later, status="CREATE FAILED", changes={"tps": 2})
        store.update(connection, "unknown", later, status="ACTIVE")
    changed = store.get(make("a").arn)
    assert (changed.status, changed.body, changed.parent_arn) == ("CREATE FAILED", {"tps": 2, "kept": True}, "parent")
    assert (changed.created_at, changed.updated_at) == (NOW, later)


def test_what_was_read_counts_until_resources_change(database, store, monkeypatch):
    reads = []
    fetch = resources._fetch
    monkeypatch.setattr(resources, "_fetch", lambda *given: reads.append(given) or fetch(*given))
    insert(database, store, make("a"))
    assert store.get(make("a").arn) == store.get(make("a").arn)
    with database.transaction() as connection:
        connection.execute("INSERT INTO tags VALUES ('arn', 'key', '')")
    assert store.get(make("a").arn) is not None
    assert len(reads) == 1
    with pytest.raises(RuntimeError), database.transaction() as connection:
        store.delete(connection, make("a").arn)
        raise RuntimeError
    assert store.get(make("a").arn) is not None
    with database.transaction() as connection:
        store.delete(connection, make("a").arn)
        assert store.get(make("a").arn) is not None  # not committed yet
    assert store.get(make("a").arn) is None


def test_a_reader_beside_the_server_sees_every_commit(database, store):
    beside = Database(database.path, read_only=True)
    reader = ResourceStore(beside)
    insert(database, store, make("a"))
    assert reader.get(make("a").arn) is not None
    with database.transaction() as connection:
        store.update(connection, make("a").arn, NOW, status="DELETE PENDING")
    assert reader.get(make("a").arn).status == "DELETE PENDING"
    beside.close()


class StoreMachine(RuleBasedStateMachine):
    """The store beside a dictionary: after any calls they hold the same, in the same order."""

    resources = Bundle("resources")

    @initialize()
    def open(self):
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(Path(self.folder.name) / "personalize.db")
        self.store = ResourceStore(self.database)
        self.model = {}

    @rule(
        target=resources,
        name=st.sampled_from("abc"),
        kind=st.sampled_from(["campaign", "filter"]),
        parent=st.sampled_from([None, "x", "y"]),
    )
    def insert(self, name, kind, parent):
        resource = make(name, kind=kind, parent_arn=parent)
        if resource.arn in self.model:
            with pytest.raises(ResourceExistsError), self.database.transaction() as connection:
                self.store.insert(connection, resource)
        else:
            insert(self.database, self.store, resource)
            self.model[resource.arn] = resource
        return resource.arn

    @rule(arn=resources, status=st.sampled_from(["ACTIVE", "DELETE PENDING"]))
    def update(self, arn, status):
        with self.database.transaction() as connection:
            self.store.update(connection, arn, NOW, status=status)
        if arn in self.model:
            self.model[arn] = dataclasses.replace(self.model[arn], status=status)

    @rule(arn=consumes(resources))
    def delete(self, arn):
        with self.database.transaction() as connection:
            self.store.delete(connection, arn)
        self.model.pop(arn, None)

    @rule(kind=st.sampled_from(["campaign", "filter"]), parent=st.sampled_from([None, "x"]), size=st.integers(1, 3))
    def pages(self, kind, parent, size):
        found, after = [], 0
        while page := self.store.list(kind, HERE, parent, after_seq=after, limit=size):
            found += page
            after = page[-1].seq
        wanted = [each for each in self.model.values() if each.kind == kind and parent in (None, each.parent_arn)]
        assert found == wanted

    def teardown(self):
        self.database.close()
        self.folder.cleanup()


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)


def test_an_artifact_is_there_whole_or_not_at_all(tmp_path):
    artifacts = ArtifactStore(tmp_path)
    arn = HERE.solution_version_arn("front-page", "83cc95fc")
    staged = artifacts.stage(arn)
    (staged / "model.npz").write_bytes(b"old")
    assert not artifacts.folder(arn).exists()
    assert artifacts.publish(arn) == artifacts.folder(arn)
    assert (artifacts.folder(arn) / "model.npz").read_bytes() == b"old"

    (artifacts.stage(arn) / "model.npz").write_bytes(b"half")
    assert list(artifacts.stage(arn).iterdir()) == []
    (artifacts.stage(arn) / "other.npz").write_bytes(b"new")
    artifacts.publish(arn)
    assert [path.name for path in artifacts.folder(arn).iterdir()] == ["other.npz"]

    artifacts.remove(arn)
    assert not artifacts.folder(arn).exists()
    artifacts.remove(arn)
