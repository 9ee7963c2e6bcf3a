"""How does a file become articles? One reader a format; encodings; bad records."""

from index.corpus.problems import BadRecord, CorpusError
from index.corpus.reading import Corpus, read_corpus

__all__ = ["BadRecord", "Corpus", "CorpusError", "read_corpus"]
