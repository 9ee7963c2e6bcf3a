"""The API behaves as its OpenAPI document says, for valid and invalid requests."""

from pathlib import Path

import pytest

from tests.web.api.conformance import application, check

EXAMPLES = 6
"""Requests of each kind to each operation; `python -m tests.web.api.conformance` sends hundreds."""


# Warnings of Schemathesis and its libraries about each other are not ours to fix.
@pytest.mark.filterwarnings("ignore")
def test_responses_conform_to_the_openapi_document(tmp_path: Path) -> None:
    assert check(*application(tmp_path), EXAMPLES) == []
