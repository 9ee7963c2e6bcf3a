from index.article import Article
from search.interpretation.context import Context
from search.suggestions.related import characteristic_words, related


def article(context: Context, article_id: str) -> Article:
    [found] = context.snapshot.stored([article_id])
    assert found is not None
    return found


def titles(context: Context, article_id: str, size: int = 5) -> set[str]:
    found = related(context, article(context, article_id), size)
    return {other.title for other, _ in found}


def test_articles_about_the_same_come_first(context: Context) -> None:
    assert titles(context, "Sau lũ lụt ở miền Trung", 2) == {
        "Lũ lụt miền Trung gây thiệt hại",
        "Mưa lũ miền Trung",
    }
    assert titles(context, "Xuất khẩu gạo lập kỷ lục", 1) == {"Giá gạo xuất khẩu tăng"}


def test_an_article_is_not_related_to_itself_nor_to_its_copy(context: Context) -> None:
    assert "Ronaldo ghi bàn" not in titles(context, "Ronaldo ghi bàn")


def test_of_copies_one_is_enough(context: Context) -> None:
    asking = Article(id="new", title="Ronaldo", body="Ronaldo ghi bàn thắng")
    found = [other.title for other, _ in related(context, asking)]
    assert found.count("Ronaldo ghi bàn") == 1


def test_an_article_that_shares_no_word_has_none(context: Context) -> None:
    assert related(context, Article(id="x", title="Zzz", body="qqq")) == ()
    assert related(context, Article(id="x", title="và của là", body="1 2 3")) == ()


def test_the_words_that_tell_most_come_first(context: Context) -> None:
    words = characteristic_words(context, article(context, "Xuất khẩu gạo lập kỷ lục"))
    assert "gạo" in words
    assert list(words.values()) == sorted(words.values(), reverse=True)
    assert not {"và", "ở", "làm"} & words.keys()
