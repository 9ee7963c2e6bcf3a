"""In which section did an article appear? From its address, in proper Vietnamese."""

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from index.vietnamese.forms import fold

_NAMES = """
An ninh trật tự|An sinh xã hội|Ẩm thực|Âm nhạc|Bạn đọc|Bảo vệ nền tảng tư tưởng của Đảng
Bất động sản|Bình luận|Bóng đá|Chính sách|Chính trị|Chứng khoán|Chuyển đổi số|Công đoàn
Công nghệ|Công nghiệp|Cuộc thi|Dân tộc|Dân tộc tôn giáo|Dân sinh|Dinh dưỡng|Doanh nghiệp|Du học
Du lịch|Điện ảnh|Đô thị|Đối ngoại|Đời sống|Đời sống xã hội|Gia đình|Giải trí|Giao thông|Giáo dục
Giáo dục khoa học|Giới trẻ|Góc nhìn|Hồ sơ|Hồ sơ sự kiện|Khoa học|Khoa học công nghệ
Khoa học giáo dục|Kinh doanh|Kinh tế|Kinh tế xã hội|Lao động|Lịch sử|Lối sống|Môi trường
Năng lượng|Nghệ thuật|Nhà đẹp|Nhà đất|Nhịp sống trẻ|Nhịp sống số|Nông nghiệp|Nông thôn mới
Ô tô|Phóng sự|Phóng sự điều tra|Phòng chống thiên tai|Pháp luật|Quân sự|Quân sự thế giới
Quốc phòng|Quốc phòng an ninh|Quốc tế|Sách|Sân khấu|Sức khỏe|Sức khỏe đời sống|Sự kiện
Tài chính|Tâm sự|Thế giới|Thể thao|Thị trường|Thời sự|Thời sự chính trị|Thời trang|Tiêu dùng
Tin tức|Trong nước|Tuyển sinh|Tư liệu|Văn hóa|Văn hóa du lịch|Văn hóa nghệ thuật
Văn hóa giải trí|Văn hóa xã hội|Văn học|Việc làm|Vũ khí|Xã hội|Xây dựng Đảng|Xuất bản|Xe|Ý kiến
Y tế|Y tế sức khỏe
"""

_SLUG = re.compile(r"[^\W\d_]\w*(?:-\w+)*")
_MAX_SLUG = 60
_LONGEST_NOTICE = 500


def _slug_of(name: str) -> str:
    return fold(name).replace(" ", "-")


_SECTIONS = {_slug_of(name): name for name in re.split(r"[|\n]", _NAMES.strip())}


def section_of(url: str, notices: Sequence[str] = ()) -> str:
    """Name the section from the first part of an address's path, or "" where it has none.

    The name with its marks comes from a list of usual ones, else from a notice that names the
    section ("*Mời bạn đọc vào chuyên mục ..."), else it stays without marks.
    """
    try:
        parts = [unquote(part) for part in urlsplit(url).path.split("/") if part]
    except ValueError:  # no address at all
        return ""
    if len(parts) < 2 or len(parts[0]) > _MAX_SLUG or not _SLUG.fullmatch(parts[0]):
        return ""
    slug = parts[0].lower().replace("_", "-")
    return _SECTIONS.get(slug) or _named_in(notices, slug) or _sentence(slug.replace("-", " "))


def _named_in(notices: Sequence[str], slug: str) -> str:
    """Find the words of a notice which, without their marks, are the slug."""
    size = slug.count("-") + 1
    for notice in notices:
        words = re.findall(r"[\w\u0300-\u036f]+", notice[:_LONGEST_NOTICE])
        for start in range(len(words) - size + 1):
            name = " ".join(words[start : start + size])
            if _slug_of(name) == slug:
                return _sentence(name)
    return ""


def _sentence(name: str) -> str:
    return name[:1].upper() + name[1:]
