"""IP addresses. Those that point at nobody are no personal data: loopback, "any", masks, networks.

Four numbers with dots are also how versions and sections are written; the word before them tells.
"""

import ipaddress
import re
from collections.abc import Iterator

from arena.exports.personal.plain import WORD

PREFIX = re.compile(r"/\d{1,3}(?!\d)")
NUMBER = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
V4 = re.compile(rf"(?<![{WORD}.-]){NUMBER}(?:\.{NUMBER}){{3}}(?![{WORD}]|\.\d)")
V6 = re.compile(
    rf"(?<![{WORD}:.])(?=[0-9a-f]{{0,4}}:)[0-9a-f:]{{4,39}}(?:(?<=:)(?:\d{{1,3}}\.){{3}}\d{{1,3}})?(?![{WORD}:]"
    rf"|\.\d)",
    re.IGNORECASE,
)
NUMBERED = (
    "versi", "ver", "release", "rev", "build", "firmware", "driver", "treiber", "update", "patch", "upgrade",
    "downgrade",
    "section", "abschnitt", "kapitel", "chapter", "chapitre", "sezione", "sección", "capítulo", "capitolo", "paragraph",
    "vers", "sürüm", "bölüm", "bagian", "bab", "hoofdstuk", "paragraaf", "seção", "capítulo", "yama", "güncelleme",
    "clause", "figure", "table", "tel", "tél", "phone", "fax", "mobil", "móvil",
)  # fmt: skip
"""How words begin that stand before four numbers that are a version, a section, or a Spanish phone number."""
FOREIGN = re.compile(
    "(?:版本|版|固件|驱动|第|章|节|節|バージョン|ファームウェア|버전|펌웨어|संस्करण|वर्शन|वर्जन|إصدار|الإصدار|نسخة|النسخة|固件版本)[^0-9A-Za-z]{0,4}$"
)
"""The same in other scripts."""
NUMBERED_WORDS = frozenset({"v", "§", "oid", "cell"})
COMPARISONS = ("==", ">=", "<=", "~=", "!=")
LOW = 20
ADDRESSED = re.compile(
    r"(?:\bip\b|ipv4|://|@|\baddr|\badress|indirizz|direcci|\bhost|\bserv|\bping|\bssh|gateway|\bdns\b|router|subnet"
    r"|\bnet|\blan\b|remote|client|\bnode|地址|服务器|サーバ|アドレス|서버|주소|아이피|सर्वर|पता|خادم|عنوان"
    r"|sunucu|alamat|servidor)",
    re.IGNORECASE,
)
"""Around four numbers below LOW, to be an address: such numbers are more often a version."""
PLACES = ((125, 0b001), (121, 0b1111110), (118, 0b1111111010))
"""Where IPv6 addresses are handed out, as how far to shift and what is left: 2000::/3, fc00::/7, fe80::/10. Elsewhere
are names of code, such as `abc::def`."""
PUBLIC_RESOLVERS = frozenset({"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9"})
"""Everybody's, and in every tutorial."""


def find(text: str) -> Iterator[tuple[int, int]]:
    """Where IP addresses stand."""
    for match in V4.finditer(text):
        if _is_somebody(match[0]) and _is_meant(text, match) and not _is_network(text, *match.span()):
            yield match.span()
    if text.count(":") < 2:
        return
    for match in V6.finditer(text):
        address = match[0][:-1] if match[0].endswith(":") and not match[0].endswith("::") else match[0]
        end = match.start() + len(address)
        if address.count(":") > 1 and _is_assigned(address) and not _is_network(text, match.start(), end):
            yield match.start(), end


def _is_somebody(address: str) -> bool:
    """Whether an IPv4 address is not everybody's, and not loopback, any, multicast, a mask or broadcast."""
    first = int(address.partition(".")[0])
    return address not in PUBLIC_RESOLVERS and first not in (0, 127) and first < 224


def _is_meant(text: str, match: re.Match[str]) -> bool:
    """Whether four numbers are an address where they stand."""
    if _is_numbered(text[max(0, match.start() - 16) : match.start()]):
        return False
    if any(int(number) >= LOW for number in match[0].split(".")):
        return True
    return text[match.end() : match.end() + 1] in ("/", ":") or bool(
        ADDRESSED.search(text, max(0, match.start() - 30), match.start())
    )


def _is_numbered(before: str) -> bool:
    """Whether what stands before four numbers makes a version or a section of them: `v`, `package==`, `Chrome/`."""
    if before.endswith(COMPARISONS) or (before.endswith("/") and before[-2:-1].isalpha()):
        return True
    if not before.isascii() and FOREIGN.search(before):
        return True
    words = before.rstrip(" :=(").lower().split()
    word = words[-1].rstrip(".") if words else ""
    return word in NUMBERED_WORDS or word.startswith(NUMBERED)


def _is_network(text: str, start: int, end: int) -> bool:
    """Whether a prefix follows that makes it the name of a network, with many in it: `10.0.0.0/8`."""
    prefix = PREFIX.match(text, end)
    if prefix is None:
        return False
    try:
        return ipaddress.ip_network(text[start : prefix.end()]).num_addresses > 1
    except ValueError:
        return False


def _is_assigned(address: str) -> bool:
    try:
        parsed = ipaddress.IPv6Address(address)
    except ipaddress.AddressValueError:
        return False
    if parsed.ipv4_mapped is not None:
        return _is_somebody(str(parsed.ipv4_mapped))
    return any(int(parsed) >> shift == place for shift, place in PLACES)
