"""Vietnamese sentences of the warnings about a query, for pages and the JSON API.

The codes and their English sentences are `search.results.warnings`.
"""

from collections.abc import Mapping

from search.results.warnings import QueryWarning

VIETNAMESE: Mapping[str, str] = {
    "too_long": "Chỉ đọc {characters} ký tự đầu của câu tìm.",
    "too_many_units": "Chỉ đọc {units} cụm từ, điều kiện và phần loại trừ đầu tiên.",
    "too_deep": "Ngoặc đơn lồng nhau quá sâu nên phần trong cùng được bỏ qua.",
    "slop_too_large": "Khoảng cách trong một cụm từ nhiều nhất là {positions} tiếng.",
    "unclosed_quote": "Dấu ngoặc kép chưa đóng nên được bỏ qua.",
    "unbalanced_parenthesis": "Ngoặc đơn mở và đóng không khớp nên được bỏ qua.",
    "nothing_excluded": "Sau NOT hoặc dấu trừ không có gì để loại trừ.",
    "unknown_field": "Không có trường “{field}”; các từ ấy được tìm như từ thường.",
    "field_not_searchable": "Không tìm riêng trong trường “{field}” được; đã tìm ở mọi nơi.",
    "wildcard_ignored": "“{text}”: dấu * chỉ có tác dụng ở cuối một từ.",
    "short_prefix": "“{text}”: trước dấu * cần ít nhất {letters} chữ cái.",
    "operator_ignored": "Ký hiệu trong “{text}” không có tác dụng nên được bỏ qua.",
    "unknown_value": "Không bài nào có giá trị “{value}” ở trường “{field}”.",
    "unknown_date": "Không hiểu ngày “{value}”; hãy viết như 3/1/2024, 1/2024 hay 2024.",
    "unknown_number": "Không hiểu số “{value}”; hãy viết một số, hoặc một khoảng như 10..20.",
    "no_words": "Câu tìm không có chữ hay số nào.",
    "phrase_not_found": ("Không bài nào có đúng cụm từ trong ngoặc kép; đây là các bài gần nhất."),
    "unmarked_phrase": "Không bài nào có đúng cụm từ đã gõ; đã tìm “{read}”.",
    "every_word": "Xếp theo ngày: chỉ hiện các bài có đủ các từ đã gõ.",
    "relaxed": "Có {full} bài chứa đủ các từ; hiện thêm các bài chứa gần đủ.",
    "budget_spent": "Câu tìm quá phức tạp nên một phần được bỏ qua: {part}.",
}
"""Vietnamese sentences by code."""


def vietnamese(told: QueryWarning) -> str:
    """Return the Vietnamese sentence of a warning."""
    return told.filled(VIETNAMESE)
