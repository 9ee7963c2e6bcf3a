"""Facts about sources as text files: names of fields, sections, bylines, legacy encodings."""

from importlib.resources import files


def read_fact_lines(name: str) -> list[str]:
    """Return the lines of a fact file that hold something, without comments."""
    text = (files("index.corpus.facts") / name).read_text("utf-8")
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]
