"""The articles that all engines index, and their tokens, which are analysed once and cached.

A tokens file is a sequence of pickled `AnalysedBatch`es; only benchmarks write and read it.
"""

import hashlib
import pickle
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from index.analysis import TEXT_FIELDS, AnalysedBatch, analyse_all
from index.article import Article
from index.corpus import read_corpus
from tests.shared_data import SHARED

ROOT = Path(__file__).resolve().parents[2]
NEWS = SHARED / "data" / "news.jsonl.gz"
CORPORA: Mapping[str, tuple[Path, ...]] = {
    "demo": (ROOT / "demo",),
    "news": (NEWS,),
    "all": (NEWS, SHARED / "data" / "headlines.jsonl.gz"),
}


def read_articles(corpus: str) -> Iterator[Article]:
    """Yield the articles of a corpus; of several with the same id, only the first."""
    seen: set[str] = set()
    for article in read_corpus(CORPORA[corpus]):
        if isinstance(article, Article) and article.id not in seen:
            seen.add(article.id)
            yield article


def text_bytes(articles: Iterable[Article]) -> int:
    """Return the size of the raw text: UTF-8 bytes of title, summary, body and author."""
    parts = ((a.title, a.summary, a.body, a.author) for a in articles)
    return sum(len(part.encode("utf-8", "replace")) for texts in parts for part in texts)


def tokens_file(corpus: str, work: Path) -> Path:
    """Return the tokens file of a corpus, which is written again if the analysis has changed.

    It is named by its content, so the indexes of other engines are reused if that is unchanged.
    """
    sources = [ROOT / "index" / "analysis.py", *(ROOT / "index" / "vietnamese").rglob("*.py")]
    analysis = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()
    link = work / f"{corpus}-by-{analysis[:12]}.tokens"
    if not link.exists():
        unfinished = work / f"{corpus}.unfinished"
        with unfinished.open("wb") as file:
            for batch in analyse_all(read_articles(corpus), workers=1):
                pickle.dump(batch, file, pickle.HIGHEST_PROTOCOL)
        with unfinished.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        path = unfinished.rename(work / f"{corpus}-{content[:12]}.tokens")
        link.symlink_to(path.name)
    return link.resolve()


@dataclass(slots=True)
class ReadyTokens(Iterable[AnalysedBatch]):
    """The batches of a tokens file, and the CPU time spent on reading them."""

    path: Path
    cpu_seconds: float = field(default=0.0, init=False)

    def __iter__(self) -> Iterator[AnalysedBatch]:
        with self.path.open("rb") as file:
            while True:
                began = time.process_time()
                try:
                    batch: AnalysedBatch = pickle.load(file)
                except EOFError:
                    return
                self.cpu_seconds += time.process_time() - began
                yield batch

    def texts(self) -> Iterator[tuple[Article, dict[str, str]]]:
        """Yield each article and its fields as text: tokens separated by spaces, parts by lines."""
        for batch in self:
            began = time.process_time()
            rows = list(zip(batch.articles, _texts(batch), strict=True))
            self.cpu_seconds += time.process_time() - began
            yield from rows


def _texts(batch: AnalysedBatch) -> Iterator[dict[str, str]]:
    columns = {name: _field_texts(batch, name) for name in TEXT_FIELDS}
    for number in range(len(batch.articles)):
        yield {name: texts[number] for name, texts in columns.items()}


def _field_texts(batch: AnalysedBatch, name: str) -> list[str]:
    tokens = batch.fields[name]
    vocabulary = np.array([*batch.vocabulary, ""], object)
    words = vocabulary[tokens.terms]
    starts = np.searchsorted(tokens.articles, np.arange(len(batch.articles) + 1))
    breaks = np.flatnonzero(np.diff(tokens.positions) != 1) + 1
    cuts = np.union1d(starts, breaks)
    lines = [" ".join(words[start:end]) for start, end in pairwise(cuts)]
    first = np.searchsorted(cuts, starts)
    return ["\n".join(lines[start:end]) for start, end in pairwise(first)]
