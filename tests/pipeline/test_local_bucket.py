"""A folder reads like the bucket it will be."""

import hashlib
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from commands.local_bucket import PART_BYTES, LocalBucket


@pytest.fixture
def bucket(tmp_path: Path) -> LocalBucket:
    (tmp_path / "Items" / "old").mkdir(parents=True)
    (tmp_path / "Items" / "old" / "3.csv").write_text("not directly under it")
    (tmp_path / "Items" / "1.csv").write_text("ITEM_ID\na\n")
    (tmp_path / "Items" / "2.csv").write_bytes(b"x" * (PART_BYTES + 1))
    (tmp_path / "Items" / "empty.csv").write_text("")
    return LocalBucket(tmp_path)


def test_the_files_directly_under_a_prefix_are_listed(bucket: LocalBucket) -> None:
    [page] = bucket.get_paginator("list_objects_v2").paginate(Bucket="b", Prefix="Items/", Delimiter="/")
    assert [(entry["Key"], entry["Size"]) for entry in page["Contents"]] == [
        ("Items/1.csv", 10),
        ("Items/2.csv", PART_BYTES + 1),
        ("Items/empty.csv", 0),
    ]
    [none] = bucket.get_paginator("list_objects_v2").paginate(Bucket="b", Prefix="Users/")
    assert none["Contents"] == []
    with pytest.raises(ValueError, match="no pages of list_buckets"):
        bucket.get_paginator("list_buckets")


def test_tags_are_those_of_an_upload(bucket: LocalBucket) -> None:
    whole = bucket.head_object(Bucket="b", Key="Items/1.csv")["ETag"]
    assert whole == f'"{hashlib.md5(b"ITEM_ID" + bytes([10]) + b"a" + bytes([10])).hexdigest()}"'
    parts = hashlib.md5(hashlib.md5(b"x" * PART_BYTES).digest() + hashlib.md5(b"x").digest()).hexdigest()
    assert bucket.head_object(Bucket="b", Key="Items/2.csv")["ETag"] == f'"{parts}-2"'
    assert bucket.head_object(Bucket="b", Key="Items/empty.csv")["ETag"] == f'"{hashlib.md5(b"").hexdigest()}"'


def test_what_is_not_there_is_said_as_s3_says_it(bucket: LocalBucket) -> None:
    with pytest.raises(ClientError) as refusal:
        bucket.head_object(Bucket="b", Key="Items/none.csv")
    assert refusal.value.response["Error"]["Code"] == "404"


def test_a_range_is_read(bucket: LocalBucket) -> None:
    assert bucket.get_object(Bucket="b", Key="Items/1.csv", Range="bytes=0-6")["Body"].read() == b"ITEM_ID"
