"""Pages with the layouts of real sites, made from articles of the demo."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

DEMO = Path(__file__).resolve().parents[3] / "demo"


@dataclass(frozen=True, slots=True)
class Story:
    """The article of a generated page."""

    title: str
    lede: str
    paragraphs: tuple[str, ...]
    author: str
    slug: str


def stories(count: int) -> list[Story]:
    """Read articles of the demo; their last lines, which name the source, are left out."""
    found = []
    for number, path in enumerate(sorted(DEMO.glob("*.txt"))[:count]):
        title, lede, *paragraphs = [
            block.strip() for block in re.split(r"\n\s*\n", path.read_text("utf-8").strip())
        ]
        body = [text for text in paragraphs if len(text) > 120]
        author = ("Lê Thị Mai", "Trần Văn Khánh", "HỒNG HÀ")[number % 3]
        found.append(Story(title, lede, tuple(body), author, path.stem[4:]))
    return found


def _paragraphs(story: Story, tag: str = "p") -> str:
    return "\n".join(f"<{tag}>{escape(text)}</{tag}>" for text in story.paragraphs)


_MENU = "".join(
    f'<li><a href="/{slug}">{name}</a></li>'
    for slug, name in (
        ("thoi-su", "Thời sự"), ("kinh-te", "Kinh tế"), ("van-hoa", "Văn hóa"),
        ("the-thao", "Thể thao"), ("giao-duc", "Giáo dục"), ("phap-luat", "Pháp luật"),
    )
)  # fmt: skip
_OTHERS = "".join(
    f'<li><a href="/tin-khac-{number}.html">Tin khác trong ngày, số {number}</a></li>'
    for number in range(8)
)


def newspaper(story: Story) -> str:
    """A newspaper: JSON-LD with the minute, Open Graph, a lede with a class of its own."""
    metadata = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": escape(escape(story.title)),
        "datePublished": "2026-03-07T08:15:00.000 +07:00",
        "author": [{"@type": "Person", "name": story.author}, {"name": "Báo Thử"}],
        "publisher": {"@type": "Organization", "name": "Báo Thử"},
        "image": ["https://anh.thu.example/1.jpg"],
        "articleSection": "Thời sự",
    }
    return f"""<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8">
<title>{escape(story.title)} - Báo Thử</title>
<link rel="canonical" href="https://thu.example/thoi-su/{story.slug}-1.html">
<meta property="og:title" content="{escape(story.title)}">
<meta property="og:site_name" content="Báo Thử">
<meta property="og:description" content="{escape(story.lede)}">
<meta name="author" content="Báo Thử">
<script type="application/ld+json">{json.dumps(metadata, ensure_ascii=False)}</script>
<script>var quangCao = "mua ngay";</script><style>.a{{color:red}}</style></head><body>
<header><div class="date">Chủ nhật, 08/03/2026</div><nav><ul>{_MENU}</ul></nav></header>
<main><article><h1 class="title">{escape(story.title)}</h1>
<div class="meta"><span class="author">{story.author}</span> <time>07/03/2026 08:15</time></div>
<h2 class="sapo">{escape(story.lede)}</h2><div class="content">{_paragraphs(story)}
<figure><img src="/1.jpg" alt=""><figcaption>Ảnh minh họa</figcaption></figure></div>
<div class="tags">Từ khóa: <a href="/tag/a">tin địa phương</a></div></article>
<aside><h3>Tin liên quan</h3><ul>{_OTHERS}</ul></aside></main>
<footer><p>© Báo Thử. Giấy phép số 1. Tổng biên tập: Nguyễn Văn A.</p></footer></body></html>"""


def portal(story: Story) -> str:
    """A provincial portal: tables, the site's own title, a date in words, no metadata."""
    return f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<title>Trang chủ - Cổng thông tin điện tử tỉnh Thử</title></head><body><form id="f">
<table><tr><td><h1>Trang chủ</h1><ul>{_MENU}</ul></td></tr>
<tr><td class="Title"><p class="Title">{escape(story.title)}</p></td></tr>
<tr><td class="Time">(07/03/2026 08:15)</td></tr>
<tr><td><div class="content"><p><b>{escape(story.lede)}</b></p>{_paragraphs(story)}</div></td></tr>
<tr><td><p class="OtherTitle">TIN ĐÃ ĐƯA</p><ul>{_OTHERS}</ul></td></tr>
<tr><td>Số lượt truy cập: 12.345</td></tr></table></form></body></html>"""


def school(story: Story) -> str:
    """A school on WordPress: written by "admin", with a title that ends in a dash."""
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8">
<title>{escape(story.title)} -</title>
<meta property="og:title" content="{escape(story.title)} -">
<meta property="article:published_time" content="2026-03-07T01:15:00+00:00">
<meta property="og:url" content="https://truong.example/{story.slug}/"></head><body>
<nav class="menu"><ul>{_MENU}</ul></nav><div id="content"><article class="post">
<h1 class="entry-title">{escape(story.title)}</h1>
<div class="entry-meta">Đăng bởi <a rel="author" href="/author/admin">Admin</a></div>
<div class="entry-content"><p>{escape(story.lede)}</p>{_paragraphs(story)}</div></article>
<h3>BÀI VIẾT LIÊN QUAN</h3><ul>{_OTHERS}</ul></div>
<footer><p>Trường THPT Thử. Điện thoại: 000.</p></footer></body></html>"""


def blog(story: Story) -> str:
    """A blog: a title for all pages, a bare date, a byline in capitals below the text."""
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>Nhật ký | Nhà Thử</title>
<meta name="description" content="Nhà Thử là nơi chia sẻ kinh nghiệm sống."></head><body>
<header><a href="/">Nhà Thử</a><ul>{_MENU}</ul></header><section><h1>{escape(story.title)}</h1>
<p>7/3/2026</p><article><p>{escape(story.lede)}</p>{_paragraphs(story)}
<p><strong>HẢI YẾN</strong></p></article></section>
<footer><h2>Bạn cần giúp đỡ?</h2><p>Gọi cho chúng tôi.</p></footer></body></html>"""


def institute(story: Story) -> str:
    """An institute: one title for the whole site, `<div>` instead of paragraphs."""
    return f"""<html><head><meta charset="utf-8"><title>Viện Thử - Viện nghiên cứu</title>
<meta name="description" content="Viện Thử nghiên cứu mọi điều."></head><body>
<div class="nav"><ul>{_MENU}</ul></div><div class="main"><h1>{escape(story.title)}</h1>
<div class="submitted">Thứ Bảy, 07/03/2026 - 08:15</div>
<div class="body"><div>{escape(story.lede)}</div>{_paragraphs(story, "div")}</div></div>
<div class="footer">Viện Thử, đường Thử, Hà Nội</div></body></html>"""


SHAPES: Mapping[str, Callable[[Story], str]] = {
    shape.__name__: shape for shape in (newspaper, portal, school, blog, institute)
}
