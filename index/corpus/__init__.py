"""Files of articles in many formats, read into `Article` records; bad records are reported."""

from index.corpus.corpus_file import LoadOptions
from index.corpus.loading import Corpus, read_corpus
from index.corpus.problems import BadRecord, CorpusError

__all__ = ["BadRecord", "Corpus", "CorpusError", "LoadOptions", "read_corpus"]
