"""`Language`: the word lists with which queries are interpreted, in one object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from index.vietnamese.equivalents import Equivalent, Equivalents, longest_by_first
from index.vietnamese.joined_forms import joined_forms
from index.vietnamese.lexicon import (
    ChatSpellings,
    Syllables,
    read_syllables,
    read_synonyms,
    user_file,
)
from index.vietnamese.lists import package_lists
from index.vietnamese.number_forms import number_forms


@dataclass(frozen=True, slots=True)
class Additions:
    """A user's own word lists, read from files: groups of synonyms, and stop syllables."""

    synonyms: tuple[tuple[Syllables, ...], ...] = ()
    stop_syllables: frozenset[str] = frozenset()

    @classmethod
    def read(cls, synonyms: Path | None = None, stop_words: Path | None = None) -> Self:
        """Read a file of synonyms, one group per line ("a = b = c"), and one of stop words.

        Raises LexiconError, which names file and line, if a file is malformed, and OSError if it
        cannot be opened.
        """
        return cls(
            read_synonyms(user_file(synonyms)) if synonyms else (),
            read_syllables(user_file(stop_words)) if stop_words else frozenset(),
        )


class Language:
    """Abbreviations, names, synonyms, spellings, stop syllables, question phrases and more.

    Built once per searcher and passed on. Immutable and thread-safe.

    >>> language = Language.default()
    >>> language.variants("kĩ")
    ('kỹ',)
    >>> [found.alternatives for found in language.equivalents(["ubnd"])]
    [(('ủy', 'ban', 'nhân', 'dân'),)]
    """

    def __init__(
        self,
        equivalents: Equivalents,
        spellings: Mapping[str, Syllables],
        stop_syllables: frozenset[str],
        question_phrases: frozenset[Syllables],
        misspellings: Mapping[Syllables, Syllables],
        news_phrases: Mapping[Syllables, float] | None = None,
        chat_spellings: ChatSpellings | None = None,
    ) -> None:
        """Take the word lists.

        `spellings` maps a syllable to all its spellings in use, `misspellings` a misspelled word to
        the right one, `news_phrases` a phrase that asks for news to a half-life in days.
        """
        self._chat_spellings = chat_spellings or ChatSpellings({}, frozenset())
        self._misspellings = misspellings
        self._longest_misspelling = longest_by_first(misspellings)
        self._news_phrases = news_phrases or {}
        self._longest_news_phrase = longest_by_first(self._news_phrases)
        self.stop_syllables = stop_syllables
        self.question_phrases = question_phrases
        self._spellings = spellings
        self._equivalents = equivalents
        self._longest_question = longest_by_first(question_phrases)

    @classmethod
    def default(cls, additions: Additions | None = None) -> Self:
        """Read the word lists of the package, and add a user's own."""
        own, lists = additions or Additions(), package_lists()
        return cls(
            Equivalents(lists.spellings, lists.forms, own.synonyms),
            lists.spellings,
            lists.stop_syllables | own.stop_syllables,
            lists.question_phrases,
            lists.misspellings,
            lists.news_phrases,
            lists.chat_spellings,
        )

    def variants(self, syllable: str) -> Syllables:
        """Return the other spellings of a canonical lower-case syllable: ("kỹ",) for "kĩ"."""
        group = self._spellings.get(syllable, ())
        return tuple(spelling for spelling in group if spelling != syllable)

    def chat_meanings(self, written: Sequence[str]) -> Syllables:
        """Return the meaning of each syllable that is a chat abbreviation, "" for the others.

        The syllables are as typed, not lower-cased: in capitals they are acronyms ("hạ KO"). All
        are "" unless the text looks like a chat message: it has an unambiguous abbreviation, or
        two ambiguous ones.

        >>> Language.default().chat_meanings(["ko", "biết", "làm", "j"])
        ('không', '', '', 'gì')
        >>> Language.default().chat_meanings(["phim", "dc"])
        ('', '')
        """
        meanings, certain = self._chat_spellings
        found = tuple("" if text.isupper() else meanings.get(text.lower(), "") for text in written)
        shortened = [text.lower() for text, meant in zip(written, found, strict=True) if meant]
        is_message = len(shortened) > 1 or not certain.isdisjoint(shortened)
        return found if is_message and len(written) > 1 else ("",) * len(written)

    def equivalents(self, syllables: Sequence[str]) -> list[Equivalent]:
        """Return the equivalents in a sequence of canonical lower-case syllables.

        They come from the lists, `number_forms` and `joined_forms`. Sorted by span; spans from
        different sources may overlap.
        """
        found = [
            *self._equivalents.find(syllables),
            *number_forms(syllables),
            *joined_forms(syllables),
        ]
        return sorted(found, key=lambda one: (one.start, one.end))

    def misspelling_corrections(self, syllables: Sequence[str]) -> dict[int, str]:
        """Return the right syllables of known misspelled words, by position.

        >>> Language.default().misspelling_corrections(["bác", "sĩ", "chuẩn", "đoán"])
        {2: 'chẩn'}
        """
        right: dict[int, str] = {}
        for start, first in enumerate(syllables):
            longest = self._longest_misspelling.get(first, 0)
            for end in range(start + 2, min(start + longest, len(syllables)) + 1):
                typed = tuple(syllables[start:end])
                meant = self._misspellings.get(typed, typed)
                pairs = enumerate(zip(typed, meant, strict=True), start)
                right |= {position: other for position, (text, other) in pairs if text != other}
        return right

    def question_syllables(self, syllables: Sequence[str]) -> list[bool]:
        """Return for each syllable whether it belongs to a question phrase."""
        mask = [False] * len(syllables)
        for start, first in enumerate(syllables):
            longest = self._longest_question.get(first, 0)
            for end in range(min(start + longest, len(syllables)), start, -1):
                if tuple(syllables[start:end]) in self.question_phrases:
                    mask[start:end] = [True] * (end - start)
                    break
        return mask

    def news_half_life(self, syllables: Sequence[str]) -> float | None:
        """Return the half-life in days of the news that a query asks for; None if it asks for none.

        Of several phrases, the shortest half-life is taken.

        >>> Language.default().news_half_life("giá vàng hôm nay".split())
        2.0
        """
        days = [
            self._news_phrases[phrase]
            for start, first in enumerate(syllables)
            if (longest := self._longest_news_phrase.get(first))
            for end in range(start + 1, min(start + longest, len(syllables)) + 1)
            if (phrase := tuple(syllables[start:end])) in self._news_phrases
        ]
        return min(days, default=None)
