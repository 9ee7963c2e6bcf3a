"""The API does what its OpenAPI document says, also when asked for what that forbids."""

from pathlib import Path

import pytest

from tests.web.api.conformance import application, check

EXAMPLES = 6
"""Requests of each kind to each operation; `python -m tests.web.api.conformance` makes hundreds."""


# What Schemathesis and the libraries that it brings say of each other is not ours to mend.
@pytest.mark.filterwarnings("ignore")
def test_no_request_shows_the_document_wrong(tmp_path: Path) -> None:
    assert check(*application(tmp_path), EXAMPLES) == []
