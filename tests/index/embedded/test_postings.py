"""The postings of a field, written in slices of terms."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedded.field_writer import FieldWriter
from index.embedded.inversion import invert
from index.embedded.layout import Layout
from index.embedded.term_dictionary import DecodedTerms, all_to_bytes, to_bytes
from index.schema import DEFAULT_SCHEMA
from index.storage.array_writer import ArrayWriter


@settings(max_examples=40, deadline=None)
@given(
    tokens=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=1, max_size=60),
    at_once=st.integers(1, 5),
)
@pytest.mark.parametrize("name", ["text", "words", "source"])
def test_the_number_of_terms_per_slice_does_not_change_a_field(
    tokens: list[tuple[int, int]],
    at_once: int,
    name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder: Path = tmp_path_factory.mktemp("field")
    layout = Layout.of(DEFAULT_SCHEMA).fields[name]
    documents = np.array(sorted(document for document, _ in tokens), np.int32)
    used, terms = np.unique([term for _, term in tokens], return_inverse=True)
    positions = np.arange(len(tokens), dtype=np.int32) * 700  # some take more than one byte
    written = []
    for most in (at_once, len(tokens)):
        path = folder / str(most)
        with ArrayWriter(path) as writer:
            field = FieldWriter(writer, layout, 5, most)
            field.append(
                [b"%03d" % term for term in used],
                invert(terms.astype(np.int32), documents, positions),
            )
            field.close()
        written.append(path.read_bytes())
    assert written[0] == written[1]


@given(
    st.lists(st.text(st.characters(exclude_categories=()), max_size=4), max_size=9),
    st.integers(1, 4),
)
def test_terms_are_encoded_in_batches(terms: list[str], max_together: int) -> None:
    encoded = all_to_bytes(terms, max_together)
    assert encoded == list(map(to_bytes, terms))
    decoded = DecodedTerms(encoded)
    assert list(decoded) == [decoded[at] for at in range(len(decoded))] == terms
