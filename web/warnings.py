"""Vietnamese sentences of the warnings about a query, for pages and the JSON API.

The codes and their English sentences are in `search.warnings`.
"""

from collections.abc import Mapping

from index.schema import DEFAULT_SCHEMA
from search.warnings import QueryWarning, english
from web.formats import number

VIETNAMESE: Mapping[str, str] = {
    "too_long": "Từ khóa quá dài: chỉ dùng {characters} ký tự đầu.",
    "too_many_words": "Từ khóa quá dài: chỉ dùng {words} từ đầu.",
    "too_many_prefixes": "Chỉ xét {prefixes} từ đầu tiên có dấu sao.",
    "too_many_units": "Chỉ xét {units} cụm từ và điều kiện đầu tiên.",
    "too_deep": "Có quá nhiều lớp ngoặc nên các lớp trong cùng bị bỏ qua.",
    "slop_too_large": "Trong một cụm từ chỉ có thể chen thêm tối đa {positions} từ.",
    "unclosed_quote": "Có một dấu ngoặc kép chưa đóng nên bị bỏ qua.",
    "unbalanced_parenthesis": "Các dấu ngoặc đơn không khớp nhau nên dấu thừa bị bỏ qua.",
    "nothing_excluded": "Sau NOT hoặc dấu trừ phải có từ cần loại trừ.",
    "unknown_field": "Không có trường “{field}” nên phần này được tìm như từ thường.",
    "field_not_searchable": "Không thể tìm riêng trong {field} nên đã tìm trong cả bài.",
    "wildcard_ignored": "“{text}”: trước dấu sao phải có chữ cái và không có ký hiệu khác.",
    "prefix_ordered_partly": (
        "“{text}”: tìm mọi từ bắt đầu như vậy, nhưng chỉ xếp hạng theo {terms} từ thường gặp nhất."
    ),
    "wildcard_cut": "“{text}”: chỉ tìm {terms} từ thường gặp nhất.",
    "short_prefix": "“{text}”: trước dấu sao cần ít nhất {letters} chữ cái.",
    "operator_ignored": "Ký hiệu trong “{text}” không có tác dụng ở đây nên bị bỏ qua.",
    "unknown_value": "Không có bài nào có {field} là “{value}”.",
    "unknown_date": "Không hiểu ngày “{value}”; hãy viết như 3/1/2024, 1/2024 hoặc 2024.",
    "unknown_number": "Không hiểu số “{value}”; hãy viết một số, hoặc một khoảng như 10..20.",
    "no_words": "Bạn chưa nhập từ khóa nào.",
    "phrase_not_found": (
        "Không bài nào có đúng cụm từ trong ngoặc kép; đây là những bài gần giống nhất."
    ),
    "relaxed": (
        "Chỉ có {full} bài khớp trọn vẹn hoặc gần như vậy; danh sách gồm cả những bài khớp ít hơn."
    ),
    "semantic_unavailable": "Chưa tìm được theo ý nghĩa: kết quả chỉ xếp theo từ ngữ.",
    "not_folded": "Từ trang này trở đi, những bài gần giống nhau có thể lặp lại.",
    "page_too_deep": "Không xem được trang xa như vậy; hãy thêm từ khóa hoặc bộ lọc.",
    "interpreted_partly": "Từ khóa dài nên chưa xét hết lỗi gõ, dấu và chữ viết liền.",
    "ordered_partly": "Từ khóa dài nên chỉ xếp hạng theo {features} từ và cặp từ quan trọng nhất.",
    "budget_spent": "Từ khóa quá phức tạp nên có thể chưa tìm hết.",
}
"""Vietnamese sentences by code."""


def vietnamese(query_warning: QueryWarning) -> str:
    """Return the Vietnamese sentence of a warning.

    >>> from search.warnings import warning
    >>> vietnamese(warning("unknown_value", field="source", value="tuoitre"))
    'Không có bài nào có nguồn là “tuoitre”.'
    """
    return _with_labels(_with_separators(query_warning, "vi")).filled(VIETNAMESE)


def sentence(query_warning: QueryWarning, language: str) -> str:
    """Return the sentence of a warning in the language of a page.

    >>> from search.warnings import warning
    >>> sentence(warning("too_long", characters=2000), "vi")
    'Từ khóa quá dài: chỉ dùng 2.000 ký tự đầu.'
    """
    return (
        vietnamese(query_warning)
        if language == "vi"
        else english(_with_separators(query_warning, language))
    )


def _with_labels(query_warning: QueryWarning) -> QueryWarning:
    """Return a warning with the names of built-in fields replaced by their Vietnamese labels."""
    return QueryWarning(
        query_warning.code,
        tuple(
            (name, DEFAULT_SCHEMA[str(value)].label("vi").lower())
            if name == "field" and value in DEFAULT_SCHEMA
            else (name, value)
            for name, value in query_warning.params
        ),
    )


def _with_separators(query_warning: QueryWarning, language: str) -> QueryWarning:
    """Return a warning with thousands separators in its whole numbers."""
    return QueryWarning(
        query_warning.code,
        tuple(
            (name, number(value, language) if isinstance(value, int) else value)
            for name, value in query_warning.params
        ),
    )
