"""The table of unmarked spellings, compared with a dictionary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models.spellings import Spellings, spelling_arrays
from index.vietnamese.forms import fold

terms_of = st.lists(st.text("aàáâđdeểnh", min_size=1, max_size=4), unique=True).map(sorted)


@given(terms_of, st.lists(st.text("adenh", min_size=1, max_size=4)))
def test_every_term_is_found_by_its_letters(terms: list[str], folded_terms: list[str]) -> None:
    spellings = Spellings(spelling_arrays(terms), len(terms))
    folded_terms += [fold(term) for term in terms]
    listed = spellings.of(folded_terms)
    for folded in folded_terms:
        ordinals = listed[folded].tolist() if folded in listed else []
        found = {terms[ordinal] for ordinal in ordinals if fold(terms[ordinal]) == folded}
        assert found == {term for term in terms if fold(term) == folded}


def test_a_damaged_table_is_refused() -> None:
    arrays = spelling_arrays(["hà", "hạ"])
    with pytest.raises(ValueError, match="damaged"):
        Spellings(arrays | {"spelling_terms": arrays["spelling_terms"][1:]}, 9)
