from dataclasses import replace
from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.vietnamese import Language
from search.engines.contract import IndexReader
from search.engines.embedded.engine import open_engine
from search.interpretation.context import Context

NEWS = """
Giá vàng tăng mạnh|Giá vàng trong nước tăng theo thế giới, người mua vàng xếp hàng.
Giá vàng giảm nhẹ|Giá vàng giảm sau ba ngày tăng, người bán vàng thưa dần.
Giá vàng thế giới lập đỉnh|Vàng thế giới lập đỉnh khi đô la yếu đi.
Giá vàng thế giới giảm|Vàng thế giới giảm phiên thứ hai.
Giá gạo xuất khẩu tăng|Xuất khẩu gạo sang Philippines tăng, nông dân bán hàng được giá.
Xuất khẩu gạo lập kỷ lục|Xuất khẩu gạo lập kỷ lục nhờ bán hàng sang châu Phi, Philippines.
Xuất khẩu cà phê tăng|Cà phê Đắk Lắk được giá, bạn hàng châu Âu mua nhiều.
Lũ lụt miền Trung gây thiệt hại|Mưa lũ làm ngập nhiều nhà ở miền Trung, bộ đội cứu dân.
Mưa lũ miền Trung|Mưa lũ lại về.
Tin mưa lũ|Bộ đội giúp dân miền Trung dọn nhà sau mưa lũ.
Sau lũ lụt ở miền Trung|Dân miền Trung dọn bùn, trường học mở cửa lại.
Mùa lũ ở miền Tây|Mùa lũ đem phù sa và cá linh về miền Tây.
Mùa lũ đẹp|Nước lên.
Đón mùa nước|Người miền Tây giăng lưới bắt cá linh.
Giá gạo|Gạo thơm.
Xuất khẩu gạo|Gạo đi xa.
Bạn hàng chợ nổi|Bạn hàng ở chợ nổi bán hàng từ sáng sớm.
Chuyện ngày mưa|Trời mưa.
Ronaldo ghi bàn|Ronaldo ghi bàn thắng thứ chín trăm.
"""


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an index of a few overlapping news articles."""
    directory = tmp_path_factory.mktemp("suggestions")
    build_news(directory)
    return directory


def build_news(directory: Path) -> None:
    """Index the articles, and a copy of one."""
    rows = [line.split("|") for line in NEWS.strip().splitlines()]
    articles = [Article(id=title, title=title, body=body) for title, body in rows]
    copy = replace(articles[-1], id="copy")
    build([analyse([*articles, copy])], directory)


@pytest.fixture(scope="session")
def reader(directory: Path) -> IndexReader:
    return open_engine(directory).reader()


@pytest.fixture(scope="session")
def context(reader: IndexReader) -> Context:
    return Context(reader, Language.default())
