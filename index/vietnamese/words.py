"""What does a reader search for? The words of a text, segmented and trimmed for an index."""

from pyvi import ViTokenizer

from index.vietnamese.syllables import terms


def search_words(text: str) -> list[str]:
    """Give the words in reading order: canonical, lower case, their syllables joined by "_"."""
    words = ("_".join(terms(word)) for word in ViTokenizer.tokenize(text).split())
    return [word for word in words if word]
