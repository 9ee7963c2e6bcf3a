"""Which strings are Vietnamese syllables? An onset, a rhyme and one of six tones.

The model is orthographic: it states how syllables are written today, in lower case, and takes
either placement of the tone mark. Loans that keep a foreign spelling ("show") are no syllables.
After Đoàn Thiện Thuật, "Ngữ âm tiếng Việt" (1977), with the rhymes of recent loans ("boong", "buýt").
"""

import unicodedata
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from index.vietnamese.forms import canonical


class Tone(Enum):
    """The six tones; the value is the combining mark that writes it."""

    NGANG = ""
    HUYEN = "\N{COMBINING GRAVE ACCENT}"
    SAC = "\N{COMBINING ACUTE ACCENT}"
    HOI = "\N{COMBINING HOOK ABOVE}"
    NGA = "\N{COMBINING TILDE}"
    NANG = "\N{COMBINING DOT BELOW}"


class Parts(NamedTuple):
    """A syllable taken apart. `rhyme` carries its hats and horns, never a tone mark."""

    onset: str
    rhyme: str
    tone: Tone


ONSETS = tuple(
    "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x".split()
)  # a syllable may also have none
RHYMES = frozenset(
    """
    a ac ach ai am an ang anh ao ap at au ay   ăc ăm ăn ăng ăp ăt   âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et   ê êch êm ên ênh êp êt êu
    i ia ich im in inh ip it iu   iêc iêm iên iêng iêp iêt iêu
    o oc oi om on ong op ot   ooc oong   ô ôc ôi ôm ôn ông ôp ôt   ơ ơi ơm ơn ơp ơt
    oa oac oach oai oam oan oang oanh oao oap oat oay   oăc oăm oăn oăng oăp oăt
    oe oem oen oeo oet   uân uâng uât uây   uê uêch uên uênh uêu   uơ
    u ua uc ui um un ung up ut   uôc uôi uôm uôn uông uôt
    ư ưa ưc ưi ưm ưn ưng ưt ưu   ươc ươi ươm ươn ương ươp ươt ươu
    uy uya uych uyên uyêt uyn uynh uyp uyt uyu
    y yt ych yn ynh yêm yên yêng yêt yêu
    """.split()
)
RHYMES_AFTER_QU = frozenset(
    """
    a ac ach ai an ang anh ao at au ay   ăc ăm ăn ăng ăp ăt   ân âng ât ây
    e en eng eo et   ê ên êt êch ênh êu   i in it iu   ơ ơi ơn ơt   ôc   y yên yêt yn ynh yt ych yu
    """.split()
)
FOREIGN_TO_THE_MODEL = frozenset("đắk đăk lắk lăk kạn krông kon pleiku k'ho ô-xtrây-li-a".split())
