"""Repairs of invalid XML in real feeds, since libxml2 would drop what it cannot parse."""

import codecs
import html.entities
import io
import re

_REFERENCE = re.compile(
    rb"<!\[CDATA\[|\]\]>|<(?=[^A-Za-z_:/!?\x80-\xff])"
    rb"|&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)"
    rb"(?:([A-Za-z][A-Za-z0-9]{1,31});)?"
)
_MAX_REFERENCE_BYTES = 40  # more than `_REFERENCE` can match
_MAX_END_BYTES = 4096  # in which the end of the root is looked for; arbitrary
_AFTER_ROOT = re.compile(rb"(?:\s|<!--(?:(?!-->).)*-->|<\?(?:(?!\?>).)*\?>)+\Z", re.DOTALL)


class RepairedXml:
    r"""A stream of XML with common errors repaired.

    White space before the declaration is removed. Outside CDATA a bare "&" or "<" is escaped
    ("AT&T" would become "AT"), and entities that only HTML has ("&aacute;") become numeric.

    >>> feed = io.BytesIO(b"\n<a>AT&T &lt; &aacute; <![CDATA[&]]></a>")
    >>> RepairedXml(io.BufferedReader(feed)).read(99)
    b'<a>AT&amp;T &lt; &#225; <![CDATA[&]]></a>'
    """

    def __init__(self, stream: io.BufferedReader) -> None:
        start = stream.peek(2)
        self._stream = stream
        # The patterns are for ASCII-compatible encodings; UTF-16 and UTF-32 are read unchanged.
        self._is_passed_through = b"\0" in start or start[:2] in (b"\xff\xfe", b"\xfe\xff")
        self._begun = self._in_cdata = False
        self._waiting = self._end = b""

    def ends_with(self, name: str) -> bool:
        """Return whether the stream ended with the end of this element; True if that is unknown.

        Comments, which caches add, may follow it.
        """
        end = _AFTER_ROOT.sub(b"", self._end)
        ended = re.search(rf"(?:</{re.escape(name)}\s*>|/>)\Z".encode(), end)
        return self._is_passed_through or ended is not None

    def read(self, size: int) -> bytes:
        """Return the next bytes, about `size` of them; b"" at the end of the file."""
        while True:
            read = self._stream.read(size)
            if self._is_passed_through:
                return read
            text = self._waiting + read
            if not self._begun:
                text = text.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
                self._begun = bool(text)
            # A reference that may continue in the next bytes is kept for the next call.
            cut = len(text)
            if read:
                tail = max(0, cut - _MAX_REFERENCE_BYTES)
                cut = min(
                    (offset for offset in (text.find(c, tail) for c in _STARTS) if offset >= 0),
                    default=cut,
                )
            self._waiting = text[cut:]
            if cut or not read:
                self._end = (self._end + text[:cut])[-_MAX_END_BYTES:]
                return _REFERENCE.sub(self._repaired, text[:cut])

    def _repaired(self, found: re.Match[bytes]) -> bytes:
        token = found[0]
        if token in (b"<![CDATA[", b"]]>"):
            self._in_cdata = token != b"]]>"
            return token
        if self._in_cdata:
            return token
        if token == b"<":
            return b"&lt;"
        text = html.entities.html5.get(f"{(found[1] or b'').decode()};")
        if text is None:
            return b"&amp;" + token[1:]
        return "".join(f"&#{ord(letter)};" for letter in text).encode()


_STARTS = (b"&", b"<", b"]")  # of what `_REFERENCE` matches
