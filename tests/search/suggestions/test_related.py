from index.article import Article
from search.engines.contract import Snapshot
from search.suggestions.related import related, telling_words


def article(snapshot: Snapshot, article_id: str) -> Article:
    number = snapshot.number_of(article_id)
    assert number is not None
    return snapshot.article(number)


def titles(snapshot: Snapshot, article_id: str, size: int = 5) -> set[str]:
    found = related(snapshot, article(snapshot, article_id), size)
    return {snapshot.article(match.number).title for match in found}


def test_articles_about_the_same_come_first(snapshot: Snapshot) -> None:
    assert titles(snapshot, "Sau lũ lụt ở miền Trung", 2) == {
        "Lũ lụt miền Trung gây thiệt hại",
        "Mưa lũ miền Trung",
    }
    assert titles(snapshot, "Xuất khẩu gạo lập kỷ lục", 1) == {"Giá gạo xuất khẩu tăng"}


def test_an_article_is_not_related_to_itself_nor_to_its_copy(snapshot: Snapshot) -> None:
    assert "Ronaldo ghi bàn" not in titles(snapshot, "Ronaldo ghi bàn")


def test_of_copies_one_is_enough(snapshot: Snapshot) -> None:
    asking = Article(id="new", title="Ronaldo", body="Ronaldo ghi bàn thắng")
    found = [snapshot.article(match.number).title for match in related(snapshot, asking)]
    assert found.count("Ronaldo ghi bàn") == 1


def test_an_article_that_shares_no_word_has_none(snapshot: Snapshot) -> None:
    assert related(snapshot, Article(id="x", title="Zzz", body="qqq")) == ()
    assert related(snapshot, Article(id="x", title="và của là", body="1 2 3")) == ()


def test_the_words_that_tell_most_come_first(snapshot: Snapshot) -> None:
    words = telling_words(snapshot, article(snapshot, "Xuất khẩu gạo lập kỷ lục"))
    assert "gạo" in words
    assert list(words.values()) == sorted(words.values(), reverse=True)
    assert not {"và", "ở", "làm"} & words.keys()
