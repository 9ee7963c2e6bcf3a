"""Text files about sources: names of fields, sections, bylines, legacy encodings."""

from importlib.resources import files


def read_resource_lines(name: str) -> list[str]:
    """Return the lines of a file without comments and empty lines."""
    text = (files("index.corpus.resources") / name).read_text("utf-8")
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]
