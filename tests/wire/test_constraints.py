"""The quick look at a value's constraints against the sentences about those it breaks."""

from __future__ import annotations

from typing import Any

from botocore.model import Shape
from hypothesis import given
from hypothesis import strategies as st

from personalize_local.wire.constraints import keeps, violations
from personalize_local.wire.models import API_NAMES, service_model

NUMBERS = st.integers(-5, 2_000_000) | st.floats(-5, 2000, allow_nan=False)
TEXTS = st.text(max_size=300) | st.from_regex(r"[\w:/\-. $]{0,40}", fullmatch=True) | st.sampled_from(["FULL", "ALL"])
VALUES = {"string": TEXTS, "list": st.lists(st.just("a"), max_size=60), "map": st.dictionaries(TEXTS, TEXTS)}
CONSTRAINED = [
    shape
    for api in API_NAMES
    for name in service_model(api).shape_names
    if (shape := service_model(api).shape_for(name)).metadata.keys() & {"min", "max", "pattern", "enum"}
]


@given(shape=st.sampled_from(CONSTRAINED), data=st.data())
def test_a_value_keeps_to_its_constraints_or_breaks_some(shape: Shape, data: st.DataObject) -> None:
    value: Any = data.draw(VALUES.get(shape.type_name, NUMBERS))
    assert keeps(shape)(value) == (not list(violations(shape, value, "member")))
