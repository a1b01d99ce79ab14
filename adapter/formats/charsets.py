"""In which charset may a vendor write?"""

import codecs
from collections.abc import Sequence
from functools import lru_cache

_WEB = {
    *("ascii", "utf-8", "utf-16", "utf-16-be", "utf-16-le", "gb18030", "gbk", "gb2312", "big5", "big5hkscs"),
    *("shift_jis", "cp932", "euc_jp", "iso2022_jp", "euc_kr", "cp949", "koi8-r", "koi8-u", "tis-620"),
    *(f"iso8859-{part}" for part in range(1, 17)),
    *(f"cp{page}" for page in range(1250, 1259)),
}
# What calls itself GB2312 or GBK uses characters of the larger set: https://encoding.spec.whatwg.org/#names-and-labels
_LARGER = {"gb2312": "gb18030", "gbk": "gb18030"}
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_MARKED = frozenset(mark[:1] for mark, _ in _BOMS)


@lru_cache(maxsize=256)
def charset(name: str) -> str | None:
    """Python's name of a charset that text on the web may have; None for anything else."""
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return _LARGER.get(known, known) if known in _WEB else None


def beginning(body: bytes) -> str:
    """The first characters of a body, enough to see what it is."""
    for mark, name in _BOMS if body[:1] in _MARKED else ():
        if body.startswith(mark):
            return body[len(mark) : 100].decode(name, "ignore").lstrip()
    return body[:100].decode("iso-8859-1").lstrip()


def candidates(own: Sequence[str], body: bytes, declared: str | None) -> tuple[Sequence[str], int]:
    """The charsets to try in order, and the length of a byte order mark to leave out."""
    for mark, name in _BOMS if body[:1] in _MARKED else ():
        if body.startswith(mark):
            return (tuple(name if one == "utf-16" else one for one in own) or (name,)), len(mark)
    if own:
        return own, 0
    said = charset(declared) if declared else None
    return ((said, "utf-8") if said and said != "utf-8" else ("utf-8",)), 0
