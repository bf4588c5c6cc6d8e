from hashlib import sha256
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.core.content_hash import document_hash

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
documents = st.dictionaries(st.text(max_size=5), scalars | st.lists(scalars, max_size=3), max_size=6)


def test_a_documents_hash_is_sha256_of_its_json_with_sorted_keys_and_no_blanks() -> None:
    assert document_hash({"b": [1, None], "a": 0.5}) == sha256(b'{"a":0.5,"b":[1,null]}').hexdigest()


@given(documents, st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_change_a_documents_hash(document: dict[str, object], random: Random) -> None:
    keys = list(document)
    random.shuffle(keys)
    assert document_hash({key: document[key] for key in keys}) == document_hash(document)


@given(documents, st.text(min_size=1, max_size=3))
def test_one_key_more_gives_a_document_another_hash(document: dict[str, object], key: str) -> None:
    without = {name: value for name, value in document.items() if name != key}
    assert document_hash({**without, key: 1}) != document_hash(without)


@pytest.mark.parametrize(("one", "other"), [(1, "1"), (1, 1.0), (1, True), (None, "None"), ([1, 2], [2, 1])])
def test_values_of_other_types_or_orders_are_other_documents(one: object, other: object) -> None:
    assert document_hash({"seed": one}) != document_hash({"seed": other})


def test_a_tuple_is_hashed_like_a_list() -> None:
    # A specification holds tuples, what was read back from JSON holds lists.
    assert document_hash({"range": (0, 1)}) == document_hash({"range": [0, 1]})
