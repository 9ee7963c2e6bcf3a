"""An RSS feed, an Atom feed and an export of WordPress, written for the project."""

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Báo Thử</title><link>https://thu.example/</link>
<item><title>Giá gạo &amp; lúa</title><link>https://thu.example/1</link>
<description><![CDATA[<a href="x"><img src="y"></a>Mở bài]]></description>
<content:encoded><![CDATA[<p>Thân <b>bài</b></p>]]></content:encoded>
<pubDate>Sat, 07 Mar 2026 08:15:00 +0700</pubDate><dc:creator>Lê Mai</dc:creator>
<category>Kinh tế</category><guid isPermaLink="false">g1</guid>
<media:thumbnail url="https://thu.example/a.jpg"/></item>
<item><title>Hai</title><link>https://thu.example/2</link></item></channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Báo Thử</title>
<link href="https://thu.example/"/><entry><id>g1</id>
<title type="html">Giá gạo &amp;amp; lúa</title><summary>Mở bài</summary>
<link rel="alternate" href="https://thu.example/1"/><author><name>Lê Mai</name></author>
<link rel="enclosure" type="image/jpeg" href="https://thu.example/a.jpg"/>
<published>2026-03-07T08:15:00+07:00</published><updated>2026-04-01T00:00:00Z</updated>
<category term="Kinh tế"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
<p>Thân <b>bài</b></p></div></content></entry>
<entry><id>g2</id><title>Hai</title></entry></feed>"""

WXR = """<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Báo Thử</title>
<item><title>Giá gạo &amp; lúa</title><link>https://thu.example/1</link><guid>g1</guid>
<dc:creator><![CDATA[Lê Mai]]></dc:creator>
<content:encoded><![CDATA[<!-- wp:paragraph --><p>Thân <b>bài</b></p>]]></content:encoded>
<excerpt:encoded><![CDATA[Mở bài]]></excerpt:encoded><wp:post_id>5</wp:post_id>
<wp:post_date>2026-03-07 08:15:00</wp:post_date><wp:status>publish</wp:status>
<wp:post_type>post</wp:post_type><category domain="category">Kinh tế</category>
<category domain="post_tag">lúa</category></item>
<item><title>Nháp</title><content:encoded>x</content:encoded><wp:status>draft</wp:status>
<wp:post_type>post</wp:post_type></item>
<item><title>anh.jpg</title><wp:status>inherit</wp:status><wp:post_type>attachment</wp:post_type>
</item></channel></rss>"""
