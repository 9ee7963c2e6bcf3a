import time
import unicodedata
from pathlib import Path

import pytest

from tests.index.corpus.files import read, write
from tests.shared_data import SHARED

TITLE = "Lữ đoàn 7: Diễn tập cứu hộ trên sông"
LEDE = "Sáng 4-6, Lữ đoàn 7 tổ chức diễn tập cứu hộ, cứu nạn (CHCN) năm 2024."
BODY = [
    "Nội dung diễn tập gồm ba phần: báo động, cơ động và xử lý tình huống.",
    "Quang cảnh buổi diễn tập.",
    "Theo Đại tá Lê Văn Bình, kết quả năm nay tốt hơn năm trước.",
]
NOTICE = "*Mời bạn đọc vào chuyên mục Quốc phòng an ninh xem các tin, bài liên quan."
URL = "https://thu.example/quoc-phong-an-ninh/2024/06/04/dien-tap-cuu-ho-tren-song-1"


def text(*closing: str, body: list[str] | None = None) -> str:
    return "\n\n".join([TITLE, LEDE, *(BODY if body is None else body), *closing])


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_parts_of_an_article_are_recognised(tmp_path: Path, form: str, newline: str) -> None:
    def as_written(value: str) -> str:
        return unicodedata.normalize(form, value)  # type: ignore[arg-type]

    content = text("Tin, ảnh: KIM ÁNH", NOTICE, f"Nguồn Báo Thử: {URL}")
    path = write(tmp_path / "a.txt", as_written(content).replace("\n", newline).encode("utf-16"))
    [article], bad = read(path)
    assert not bad
    assert article.title == as_written(TITLE)
    assert article.summary == as_written(LEDE)
    assert article.body == as_written("\n\n".join(BODY))
    assert article.author == as_written("KIM ÁNH")
    assert article.source == "Báo Thử"  # a label, the same however it is written
    assert article.section == "Quốc phòng an ninh"
    assert article.url == URL
    assert article.published is not None
    assert article.published.isoformat() == "2024-06-04T00:00:00+07:00"
    assert article.extra == {"notices": [as_written(NOTICE)]}


@pytest.mark.parametrize(
    ("closing", "author"),
    [
        (["Tin, ảnh: KIM ANH"], "KIM ANH"),
        (["Bài, ảnh: Lê Khánh - Minh Tú."], "Lê Khánh - Minh Tú"),
        (["Bài và ảnh: LÊ KHÁNH"], "LÊ KHÁNH"),
        (["Bài: Lê Khánh - Ảnh: Minh Tú"], "Lê Khánh, Minh Tú"),
        (["Bài: Lê Khánh; Ảnh, video: Minh Tú"], "Lê Khánh, Minh Tú"),
        (["Bài: Lê Khánh - Ảnh: Lê Khánh"], "Lê Khánh"),
        (["Bài: Lê Khánh", "Ảnh: Minh Tú"], "Lê Khánh, Minh Tú"),
        (["Bài: Lê Khánh\nẢnh: Minh Tú"], "Lê Khánh, Minh Tú"),
        (["KIM ANH"], "KIM ANH"),
        (["HỒNG HÀ – T.V."], "HỒNG HÀ – T.V."),
        (["LÂM PHONG (ghi)"], "LÂM PHONG"),
        (["TƯỜNG VI (thực hiện)"], "TƯỜNG VI"),
        (["Theo TTXVN"], "TTXVN"),
        (["(Theo Hà Nội Mới)"], "Hà Nội Mới"),
        (["Thực hiện: NHÓM PHÓNG VIÊN"], "NHÓM PHÓNG VIÊN"),
        (["Tin, ảnh: KIM ANH", NOTICE], "KIM ANH"),
        ([f"Nguồn Báo Thử: {URL}", "Tin, ảnh: KIM ANH"], "KIM ANH"),
    ],
)
def test_bylines_become_authors(tmp_path: Path, closing: list[str], author: str) -> None:
    [article], _ = read(write(tmp_path / "a.txt", text(*closing)))
    assert article.author == author
    assert article.body == "\n\n".join(BODY)


@pytest.mark.parametrize(
    "last",
    [
        "Theo kế hoạch, hội thao kết thúc ngày 6-6.",
        "Theo đó, mỗi xã có một tổ.",
        "Ảnh: Minh Tú",
        "Tin vui: hôm nay trời nắng.",
        "Ông nói: Tin, bài hay lắm!",
        "Kết quả: Đội A thắng",
        "Nguồn nước: Sông Hồng",
        "Nguồn: mọi thứ đều có từ dân mà ra.",
        "* Giải nhì: Đội B",
        "Quang cảnh buổi lễ",
        "2024",
        "QUY ĐỊNH MỚI (trích)",
    ],
)
def test_text_like_a_byline_remains_text(tmp_path: Path, last: str) -> None:
    [article], _ = read(write(tmp_path / "a.txt", text(last)))
    assert article.author == article.source == article.url == ""
    assert article.body == "\n\n".join([*BODY, last])
    assert not article.extra


@pytest.mark.parametrize(
    "notice",
    [
        "*Mời bạn đọc vào chuyên mục Thời sự xem các tin, bài liên quan.",
        "*Mời độc giả đón xem.",
        "Mời quý độc giả gửi bài.",
        "Xem thêm: Mười món ngon",
        ">> Mười món ngon",
        "Tin, bài liên quan:",
    ],
)
def test_notices_are_stored_but_not_part_of_the_text(tmp_path: Path, notice: str) -> None:
    [article], _ = read(write(tmp_path / "a.txt", text(body=[BODY[0], notice, BODY[1]])))
    assert article.body == "\n\n".join(BODY[:2])
    assert article.extra == {"notices": [notice]}


@pytest.mark.parametrize(
    ("line", "source", "url"),
    [
        ("Nguồn QĐND: https://qdnd.example/a/b", "QĐND", "https://qdnd.example/a/b"),
        ("Nguồn: https://www.qdnd.example/a/b", "qdnd.example", "https://www.qdnd.example/a/b"),
        ("(Nguồn: Báo Thử - http://thu.example/a)", "Báo Thử", "http://thu.example/a"),
        ("NGUỒN: Báo Thử", "Báo Thử", ""),
        ("Nguồn X: http://[hỏng", "X", "http://[hỏng"),
        ("Nguồn: http://[hỏng", "", "http://[hỏng"),
    ],
)
def test_credits_become_sources_and_urls(tmp_path: Path, line: str, source: str, url: str) -> None:
    [article], _ = read(write(tmp_path / "a.txt", text(line)))
    assert (article.source, article.url) == (source, url)
    assert article.body == "\n\n".join(BODY)


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("thoi-su/bai", "Thời sự"),
        ("SUC-KHOE/bai", "Sức khỏe"),
        ("cong-nghe/ai/bai", "Công nghệ"),
        ("lang-nghe-que-toi/bai", "Làng nghề quê tôi"),
        ("cau-chuyen-nho/bai", "Cau chuyen nho"),
        ("chuyện%20nhỏ/bai", ""),
        ("bai.html", ""),
        ("bai-khong-muc", ""),
        ("2024/05/31/bai", ""),
        ("a.php/b", ""),
        ("", ""),
    ],
)
def test_sections_come_from_the_address(tmp_path: Path, path: str, section: str) -> None:
    notice = "*Mời bạn đọc xem chuyên mục làng nghề quê tôi của báo."
    content = text(notice, f"Nguồn X: https://x.example/{path}")
    [article], _ = read(write(tmp_path / "a.txt", content))
    assert article.section == section


def test_an_address_without_a_day_gives_no_date(tmp_path: Path) -> None:
    [article], _ = read(
        write(tmp_path / "a.txt", text("Nguồn X: https://x.example/a/2024/13/45/b"))
    )
    assert article.published is None


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        ("Chỉ có tiêu đề\n", ("Chỉ có tiêu đề", "", "")),
        ("Tiêu đề\n\nMột đoạn.", ("Tiêu đề", "", "Một đoạn.")),
        ("Tiêu đề\nKIM ANH", ("Tiêu đề", "", "KIM ANH")),
        ("Tiêu đề\nMở\nHai\nBa", ("Tiêu đề", "Mở", "Hai\n\nBa")),
        ("Tiêu đề\nMở\nđầu\n\nHai\nba\n\n\nBốn", ("Tiêu đề", "Mở\nđầu", "Hai\nba\n\nBốn")),
        (
            "\n\n  Tiêu đề &amp; hết \n\nMở &amp;\n\nThân &amp;",
            ("Tiêu đề & hết", "Mở &", "Thân &"),
        ),
        ("dài " * 200, ("", "", ("dài " * 200).strip())),
    ],
)
def test_texts_without_some_of_the_parts_are_read(
    tmp_path: Path, content: str, fields: tuple[str, str, str]
) -> None:
    [article], _ = read(write(tmp_path / "a.txt", content))
    assert (article.title, article.summary, article.body) == fields


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no text"),
        (b" \n\n", "no text"),
        (b"Title\n\nbody \xff", "not UTF-8: 0xff at byte 13"),
        (b"\x7fELF\x01\0\0\0", "NUL"),
        (b"a" * ((16 << 20) + 1), "16 MiB"),
    ],
)
def test_a_file_that_is_no_article_is_reported(tmp_path: Path, content: bytes, reason: str) -> None:
    path = write(tmp_path / "a.txt", content)
    articles, [bad] = read(path)
    assert not articles
    assert str(bad).startswith(f"{path}: ")
    assert reason in bad.reason


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="no shared data here")
def test_the_shared_seed_is_read_completely() -> None:
    [article], bad = read(SHARED / "seeds")
    assert not bad
    assert article.title.startswith("Tổng cục Kỹ thuật: Triển khai")
    assert article.title.endswith("chính trị năm 2023")
    assert article.summary.startswith("Chiều 3-1")
    assert article.summary.endswith("chủ trì hội nghị.")
    assert article.body.startswith("Báo cáo và các ý kiến")
    assert article.body.endswith("thực hiện thắng lợi nhiệm vụ năm 2024.")
    assert article.body.count("\n\n") == 7
    assert "Nguồn" not in article.body
    assert article.author == "KIM ANH"
    assert article.source == "QĐND"
    assert article.section == "Quốc phòng an ninh"
    assert article.url.startswith("https://www.qdnd.vn/quoc-phong-an-ninh/tin-tuc/tong-cuc")
    assert article.published is None
    assert article.extra["notices"][0].startswith("*Mời bạn đọc")


@pytest.mark.parametrize(
    "path",
    ["a" + "_" * 50 + ".h", "a" + "_-" * 25 + ".", "a-" * 25 + ".", "a" + "_b" * 24 + "!"],
)
def test_a_url_without_a_section_is_parsed_in_linear_time(tmp_path: Path, path: str) -> None:
    began = time.monotonic()
    source = f"Nguồn Báo Thử: https://thu.example/{path}/bai-1"
    [article], _ = read(write(tmp_path / "a.txt", text(source)))
    assert article.section == ""
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("kinh_te", "Kinh tế"),
        ("kinh__te", "Kinh te"),
        ("tin-trong-xa_", "Tin trong xa"),
        ("-kinh-te", ""),
        ("kinh--te", ""),
        ("kinh-te-", ""),
        ("2024", ""),
    ],
)
def test_the_first_part_of_an_address_names_the_section(
    tmp_path: Path, path: str, section: str
) -> None:
    source = f"Nguồn Báo Thử: https://thu.example/{path}/bai-1"
    [article], _ = read(write(tmp_path / "a.txt", text(source)))
    assert article.section == section


@pytest.mark.parametrize(
    "fragment", ["\n", "\n \n", " ", "»\n", "(", "Tin, ", "a: ", "a\n", "-", "1/"]
)
def test_a_text_of_one_repeated_fragment_is_read_in_linear_time(
    tmp_path: Path, fragment: str
) -> None:
    began = time.monotonic()
    repeated = fragment * (300_000 // len(fragment))
    [_], _ = read(write(tmp_path / "a.txt", f"Tựa\n{repeated}\nMột câu."))
    assert time.monotonic() - began < 5
