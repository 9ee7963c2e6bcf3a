"""More layouts of Vietnamese pages: papers, portals, schools and blogs.

Each is dated 7 March 2026; `AUTHORS` has the name of the author as the page shows it.
"""

import json
from collections.abc import Callable, Mapping
from html import escape

from tests.index.corpus.pages import Story

_MENU = "".join(
    f'<li><a href="/{slug}">{name}</a></li>'
    for slug, name in (
        ("tin-tuc", "Tin tức"), ("van-ban", "Văn bản"), ("lien-he", "Liên hệ"), ("anh", "Ảnh"),
    )
)  # fmt: skip
_LIST = "".join(
    f'<li><a href="/bai-{number}.html">Một bài khác của trang, số {number}</a> '
    f"<i>0{number}/03/2026</i></li>"
    for number in range(1, 7)
)


def _p(story: Story, attributes: str = "") -> str:
    return "\n".join(f"<p{attributes}>{escape(text)}</p>" for text in story.paragraphs)


def _page(head: str, body: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8">{head}</head><body>'
        f'<div class="top"><ul class="menu">{_MENU}</ul></div>{body}'
        '<div class="footer">Bản quyền thuộc về trang. Điện thoại: 024.000.000</div></body></html>'
    )


def name_below(story: Story) -> str:
    """A paper with only the name below the story, and with itself as the author in JSON-LD."""
    metadata = json.dumps(
        {"@type": "NewsArticle", "author": {"@type": "Person", "name": "Báo Hai"}}
    )
    return _page(
        f"<title>{escape(story.title)} - Báo Hai</title>"
        '<meta property="og:site_name" content="Báo Hai">'
        f'<meta name="pubdate" content="2026-03-07T08:15:00+07:00">'
        f'<script type="application/ld+json">{metadata}</script>',
        f'<section class="page-detail"><span class="date">Thứ bảy, 7/3/2026, 08:15 (GMT+7)</span>'
        f'<h1 class="title-detail">{escape(story.title)}</h1>'
        f'<p class="description">{escape(story.lede)}</p>'
        f'<article class="fck_detail">{_p(story, " class=Normal")}'
        f'<p class="Normal" style="text-align:right;"><strong>{story.author}</strong></p></article>'
        f'<div class="box-tinlienquan"><h2>Xem thêm</h2><ul>{_LIST}</ul></div></section>',
    )


def name_above(story: Story) -> str:
    """A paper with the author's box above the text and the paper's name before the lede."""
    return _page(
        f"<title>{escape(story.title)} | Báo Ba</title>"
        '<meta property="og:site_name" content="Báo Ba Online">',
        f'<main><h1 class="title-page detail">{escape(story.title)}</h1><div class="author-wrap">'
        f'<div class="author-name"><a href="/tac-gia/1"><b>{story.author}</b></a></div>'
        '<time class="author-time" datetime="2026-03-07 08:15">Thứ bảy, 07/03/2026 - 08:15</time>'
        f'</div><h2 class="singular-sapo">{escape(story.lede)}</h2>'
        f'<div class="singular-content">{_p(story)}</div>'
        f'<article class="related"><h3>Đọc thêm</h3><ul>{_LIST}</ul></article></main>',
    )


def credits_below(story: Story) -> str:
    """A paper whose metadata name its address as author; credits in a line below the text."""
    metadata = {
        "@type": "NewsArticle",
        "datePublished": "2026-03-07T08:15:00+07:00",
        "author": {"@type": "Person", "name": "BAOBON.COM.VN"},
        "publisher": {"@type": "Organization", "name": "baobon.com.vn"},
    }
    return _page(
        f'<title>{escape(story.title)}</title><meta name="author" content="BAOBON.COM.VN">'
        '<link rel="canonical" href="https://baobon.com.vn/bai-1.htm">'
        f'<script type="application/ld+json">{json.dumps(metadata)}</script>',
        f'<div class="detail"><h1 class="title">{escape(story.title)}</h1>'
        f'<p class="date">07-03-2026 - 08:15 AM</p><h2 class="sapo">{escape(story.lede)}</h2>'
        f'<div class="contentdetail">{_p(story)}</div>'
        f'<p class="detail__author">Bài và ảnh: {story.author}</p></div>'
        f'<div class="xemthem"><h4>TIN LIÊN QUAN</h4><ul>{_LIST}</ul></div>',
    )


def name_beside_buttons(story: Story) -> str:
    """A paper of ten years ago: the bare name is among the buttons below the text."""
    return _page(
        f"<title>{escape(story.title)}</title>",
        f'<div class="block-content"><h1>{escape(story.title)}</h1>'
        f'<span class="date">07/03/2026 08:15 GMT+7</span>'
        f'<p class="sapo">{escape(story.lede)}</p><div class="fck">{_p(story)}'
        '<div class="wrapper-qt"><div class="social"><input type="hidden" value="1"></div>'
        f"<strong>{story.author.upper()}</strong></div></div></div>"
        f'<ul class="block-key"><li>Từ khóa</li><li><a href="/k">lúa</a></li></ul><ul>{_LIST}</ul>',
    )


def name_and_paper(story: Story) -> str:
    """A paper that appends its own name to the author's."""
    return _page(
        f'<title>{escape(story.title)}</title><meta property="og:site_name" content="Báo Sáu">'
        '<meta property="article:published_time" content="2026-03-07T08:15:00+0700">',
        f'<div class="article"><h1>{escape(story.title)}</h1><div class="m-bottom">'
        f'<span class="author">{story.author} (Báo Sáu)</span> <time>07/03/2026 08:15</time></div>'
        f'<div class="chappeau">{escape(story.lede)}</div><div class="art">{_p(story)}</div></div>'
        f'<div class="lst">{_LIST}</div>',
    )


def portal_by_editors(story: Story) -> str:
    """A district's portal: written by editors, with a hit counter and the title of the portal."""
    return _page(
        "<title>Cổng thông tin điện tử huyện Thử</title>"
        '<meta property="og:title" content="Cổng thông tin điện tử huyện Thử">',
        f'<div class="news"><h1 class="news-title">{escape(story.title)}</h1>'
        '<div class="detail-date">Ngày đăng: 07/03/2026 - Lượt xem: 1.204</div>'
        f'<div class="news-summary"><strong>{escape(story.lede)}</strong></div>'
        f'<div class="news-content">{_p(story)}</div>'
        '<div class="tacgia">Tác giả: Ban biên tập</div>'
        f"<h3>Các tin khác</h3><ul>{_LIST}</ul></div>",
    )


def portal_without_paragraphs(story: Story) -> str:
    """A portal whose text has line breaks only."""
    text = "<br><br>".join(map(escape, (story.lede, *story.paragraphs)))
    return _page(
        "<title>Trang thông tin điện tử tỉnh Thử</title>",
        f'<div class="chitiet"><div class="tieude">{escape(story.title)}</div>'
        '<span class="ngaydang">Cập nhật lúc: 08:15 07/03/2026</span>'
        f'<div class="noidung">{text}</div></div>'
        f'<div class="tinkhac"><b>Tin khác</b><ul>{_LIST}</ul></div>',
    )


def nukeviet(story: Story) -> str:
    """A school or a district on NukeViet."""
    return _page(
        f"<title>{escape(story.title)} - Tin tức - Trường Thử</title>"
        '<meta name="generator" content="NukeViet">',
        f'<div class="panel"><h1 class="title margin-bottom-lg">{escape(story.title)}</h1>'
        '<div class="row"><span class="h5">Thứ bảy - 07/03/2026 08:15</span></div>'
        f'<div class="hometext m-bottom">{escape(story.lede)}</div>'
        f'<div id="news-bodyhtml" class="bodytext margin-bottom-lg">{_p(story)}</div>'
        f'<p class="text-right"><strong>Tác giả bài viết: </strong>{story.author}</p></div>'
        '<div class="news_column"><p class="h3"><strong>Những tin mới hơn</strong></p>'
        f"<ul>{_LIST}</ul></div>",
    )


def wordpress_theme(story: Story) -> str:
    """A blog on WordPress with comments and a later date of modification."""
    return _page(
        f"<title>{escape(story.title)} – Vườn nhà</title>",
        f'<article class="post"><header><h1 class="entry-title">{escape(story.title)}</h1>'
        '<span class="posted-on"><time class="entry-date published" '
        'datetime="2026-03-07T08:15:00+07:00">7 Tháng Ba, 2026</time>'
        '<time class="updated" datetime="2026-04-01T09:00:00+07:00">1 Tháng Tư, 2026</time></span>'
        f'<span class="byline"><span class="author vcard"><a class="url fn n" href="/author/x">'
        f"{story.author}</a></span></span></header>"
        f'<div class="entry-content"><p>{escape(story.lede)}</p>{_p(story)}</div></article>'
        '<div id="comments"><h2>2 bình luận</h2><ol><li><cite class="fn">Trần Bạn Đọc</cite>'
        '<time datetime="2026-03-09T10:00:00+07:00">9/3/2026</time><p>Bài viết hay quá, cảm ơn!</p>'
        "</li></ol></div>",
    )


def blogspot(story: Story) -> str:
    """A blog on Blogger: the date above, line breaks between paragraphs, the name below."""
    text = "<br /><br />".join(map(escape, (story.lede, *story.paragraphs)))
    return _page(
        f"<title>Góc nhỏ: {escape(story.title)}</title>",
        '<h2 class="date-header"><span>Thứ Bảy, 7 tháng 3, 2026</span></h2>'
        f'<h3 class="post-title entry-title">{escape(story.title)}</h3>'
        f'<div class="post-body entry-content">{text}</div><div class="post-footer">'
        '<span class="post-author vcard">Được đăng bởi <span class="fn">'
        f'{story.author}</span></span></div><div class="widget"><ul>{_LIST}</ul></div>',
    )


def drupal(story: Story) -> str:
    """An institute on Drupal, with RDFa."""
    return _page(
        f"<title>{escape(story.title)} | Viện Thử</title>",
        f'<h1 class="page-title">{escape(story.title)}</h1><div class="node">'
        '<span property="dc:date dc:created" content="2026-03-07T08:15:00+07:00">'
        f'T7, 07/03/2026 - 08:15</span><div class="field">'
        f"<p><em>{escape(story.lede)}</em></p>{_p(story)}"
        f'</div></div><div class="block"><h2>Bài viết mới</h2><ul>{_LIST}</ul></div>',
    )


def joomla(story: Story) -> str:
    """An institute on Joomla: the metadata in a list above the text."""
    return _page(
        f"<title>{escape(story.title)}</title>",
        f'<div class="item-page"><h2 itemprop="headline">{escape(story.title)}</h2>'
        '<dl class="article-info"><dt>Chi tiết</dt><dd class="createdby">Viết bởi '
        f'<span itemprop="name">{story.author}</span></dd><dd class="published"><time '
        'datetime="2026-03-07T08:15:00+07:00">Được đăng: Thứ bảy, 07 Tháng 3 2026 08:15</time></dd>'
        '<dd class="hits">Lượt xem: 1204</dd></dl>'
        f'<div itemprop="articleBody"><p>{escape(story.lede)}</p>{_p(story)}</div></div>'
        f'<ul class="pager">{_LIST}</ul>',
    )


MORE_SHAPES: Mapping[str, Callable[[Story], str]] = {
    shape.__name__: shape
    for shape in (
        name_below, name_above, credits_below, name_beside_buttons, name_and_paper,
        portal_by_editors, portal_without_paragraphs, nukeviet, wordpress_theme, blogspot, drupal,
        joomla,
    )
}  # fmt: skip
"""The kinds of pages, by name."""

WITHOUT_AUTHOR = frozenset(("portal_by_editors", "portal_without_paragraphs", "drupal"))
"""Kinds of pages without the author's name."""
