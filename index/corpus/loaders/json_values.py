"""JSON of any layout: JSON lines, pretty-printed objects, arrays, and dumps that wrap arrays.

The file is read value by value, so memory is bounded by the largest record; `json_wrappers` finds
the records in the objects that wrap them.
"""

from collections.abc import Iterator
from functools import partial

from index.corpus.corpus_file import CorpusFile, RawRecord
from index.corpus.field_names import FieldNames
from index.corpus.lines import MAX_TEXT_BYTES
from index.corpus.loaders.json_text import BrokenValueError, JsonText, WrapperFoundError
from index.corpus.loaders.json_wrappers import find_articles, is_record, records_in
from index.corpus.problems import BadRecord


def load_json(
    file: CorpusFile, max_characters: int = MAX_TEXT_BYTES
) -> Iterator[RawRecord | BadRecord]:
    """Yield the records of a JSON file; a value of more than `max_characters` is a bad record.

    A long object that wraps lists of records is not read as a whole, but list by list.
    """
    names = FieldNames(file.options.schema, file.options.mapping)
    text = JsonText(file, max_characters, partial(find_articles, names=names))
    item = broken_line = left_out = 0
    in_array = False
    wrapped_lists = 0  # lists entered in the current dump, 0 outside one
    while text.skip_blank():
        character = text.character()
        if in_array and character in ",]":
            in_array = character != "]"
            text.advance(1)
            if wrapped_lists and not in_array:
                in_array, item = text.find_list(), 0
                wrapped_lists += 1
        elif not in_array and text.starts_array():
            in_array, item = True, 0
        else:
            item += in_array
            place = f"item {item} of the array: " if in_array else ""
            line = text.line
            try:
                value = text.take_value(may_wrap=not in_array)
            except WrapperFoundError:
                in_array, wrapped_lists, item = True, 1, 0
                continue
            except BrokenValueError as error:
                lost_array, in_array = in_array, False
                if text.skip_to_next_record() or not text.damage:
                    reason = f"{place}{error}"
                    yield BadRecord(file.path, line, reason, damaged=lost_array)
                else:
                    broken_line = line
                continue
            if wrapped_lists > 1 and _is_of_another_list(value, names):
                left_out += 1
            else:
                yield from _records(file, names, value, line, place)
    file.notes.add_left_out(file.path, left_out, "objects of the dump are not articles")
    damage = text.damage or ("the array does not end: the file was cut short" if in_array else "")
    if damage:
        yield BadRecord(file.path, broken_line or text.line, damage, damaged=True)


def _is_of_another_list(value: object, names: FieldNames) -> bool:
    """Return whether an item of a dump is not an article: a user, tag or link."""
    if not isinstance(value, dict):
        return False
    return not is_record(value, names) and records_in(value, names) is None


def _records(
    file: CorpusFile, names: FieldNames, value: object, line: int, place: str
) -> Iterator[RawRecord | BadRecord]:
    if isinstance(value, dict):
        found = records_in(value, names)
        if found is None or len(found) == 1:
            yield RawRecord(value if found is None else found[0], line, place)
        else:
            yield from (
                RawRecord(record, line, f"{place}record {number}: ")
                for number, record in enumerate(found, 1)
            )
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        for number, item in enumerate(value, 1):
            yield RawRecord(item, line, f"{place}item {number} of the array: ")
    elif not (isinstance(value, list) and not value):
        reason = f"{place}not a JSON object; write a record as {{...}}"
        yield BadRecord(file.path, line, reason)
