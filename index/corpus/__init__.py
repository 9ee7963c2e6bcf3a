"""How does a file become articles? One reader a format; encodings; bad records."""

from index.corpus.loading import Corpus, read_corpus
from index.corpus.problems import BadRecord, CorpusError

__all__ = ["BadRecord", "Corpus", "CorpusError", "read_corpus"]
