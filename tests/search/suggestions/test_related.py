from pathlib import Path

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from search import open_searcher
from search.interpretation.context import Context
from search.suggestions.related import characteristic_words, related


def article(context: Context, article_id: str) -> Article:
    [found] = context.reader.stored([article_id])
    assert found is not None
    return found


def titles(context: Context, article_id: str, size: int = 5) -> set[str]:
    found = related(context, article(context, article_id), size)
    return {other.title for other, _ in found}


def test_articles_on_the_same_subject_come_first(context: Context) -> None:
    assert titles(context, "Sau lũ lụt ở miền Trung", 2) == {
        "Lũ lụt miền Trung gây thiệt hại",
        "Mưa lũ miền Trung",
    }
    assert titles(context, "Xuất khẩu gạo lập kỷ lục", 1) == {"Giá gạo xuất khẩu tăng"}


def test_an_article_is_not_related_to_itself_nor_to_its_copy(context: Context) -> None:
    assert "Ronaldo ghi bàn" not in titles(context, "Ronaldo ghi bàn")


def test_related_articles_contain_one_of_several_copies(context: Context) -> None:
    asking = Article(id="new", title="Ronaldo", body="Ronaldo ghi bàn thắng")
    found = [other.title for other, _ in related(context, asking)]
    assert found.count("Ronaldo ghi bàn") == 1


def test_an_article_without_common_words_has_no_related_ones(context: Context) -> None:
    assert related(context, Article(id="x", title="Zzz", body="qqq")) == ()
    assert related(context, Article(id="x", title="và của là", body="1 2 3")) == ()


def test_characteristic_words_are_sorted_by_weight(context: Context) -> None:
    words = characteristic_words(context, article(context, "Xuất khẩu gạo lập kỷ lục"))
    assert "gạo" in words
    assert list(words.values()) == sorted(words.values(), reverse=True)
    assert not {"và", "ở", "làm"} & words.keys()


STORY = (
    "Sáng nay cơn bão số ba đổ bộ vào bờ biển Thanh Hóa làm tốc mái hàng trăm ngôi nhà, nước "
    "sông dâng nhanh và nhiều xã phải sơ tán dân ngay trong đêm."
)
OTHER_REPORT = (
    "Chính quyền Thanh Hóa huy động bộ đội giúp dân sau bão số ba: dựng lại nhà, dọn cây đổ, phát "
    "gạo và nước uống cho các xã ven biển còn bị chia cắt."
)
THIRD_REPORT = (
    "Ngành nông nghiệp ước tính bão số ba làm mất trắng năm nghìn héc ta lúa ở Thanh Hóa; nông "
    "dân mong được khoanh nợ và cấp giống cho vụ sau."
)


def test_no_copy_of_a_story_is_related(tmp_path: Path) -> None:
    """Neither a copy of the article itself nor two copies of another one are listed."""
    edited = STORY.replace("Sáng nay", "Rạng sáng hôm qua").replace("hàng trăm", "khoảng hai trăm")
    articles = [
        Article(id="gốc", title="Bão số ba đổ bộ Thanh Hóa", body=STORY),
        Article(id="chép", title="Thanh Hóa tan hoang vì bão", body=edited),
        Article(id="cắt", title="Bão vào bờ", body=STORY[:110]),
        Article(id="cùng tên", title="Bão số ba đổ bộ vào Thanh Hóa", body=THIRD_REPORT),
        Article(id="khác", title="Bộ đội giúp dân Thanh Hóa sau bão số ba", body=OTHER_REPORT),
        Article(id="khác chép", title="Giúp dân sau bão", body=f"{OTHER_REPORT} Nguồn: báo bạn."),
        Article(id="lúa", title="Lúa mất trắng sau bão số ba", body=THIRD_REPORT),
        Article(id="xa", title="Giá vàng", body="Giá vàng đứng yên."),
    ]
    build([analyse(articles)], tmp_path)
    found = {hit.id for hit in open_searcher(tmp_path).related("gốc", 5)}
    assert found == {"khác", "lúa"} or found == {"khác chép", "lúa"}
