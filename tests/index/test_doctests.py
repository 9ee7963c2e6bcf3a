"""The examples in the docstrings of the language and its models are true."""

import doctest
import importlib
import pkgutil

import pytest

import index.models
import index.vietnamese

MODULES = sorted(
    found.name
    for room in (index.vietnamese, index.models)
    for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}.")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples() -> None:
    tried = [doctest.testmod(importlib.import_module(name)).attempted for name in MODULES]
    assert sum(tried) >= 5
