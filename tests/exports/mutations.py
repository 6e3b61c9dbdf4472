"""Ways to tamper with bytes: change, drop, swap, insert, truncate."""

import random
from collections.abc import Sequence

KINDS = ("change", "drop", "swap", "insert", "truncate")


def of_bytes(chance: random.Random, kind: str, content: bytes) -> bytes:
    """Other bytes than the content, made by one act of this kind; an empty content can only be inserted into."""
    if not content:
        return chance.randbytes(chance.randint(1, 40))
    changed = content
    while changed == content:
        start = chance.randrange(len(content))
        end = min(len(content), start + chance.choice((1, 1, 2, 7, 100)))
        match kind:
            case "change":
                changed = content[:start] + chance.randbytes(end - start) + content[end:]
            case "drop":
                changed = content[:start] + content[end:]
            case "swap":
                other = chance.randrange(len(content))
                low, high = sorted((start, other))
                swapped = bytearray(content)
                swapped[low], swapped[high] = swapped[high], swapped[low]
                changed = bytes(swapped)
                if len(set(content)) == 1:
                    kind = "change"  # nothing to swap
            case "insert":
                inserted = chance.choice((b" ", b"\n", b"0", b"}", content[start:end]))
                changed = content[:start] + inserted + content[start:]
            case "truncate":
                changed = content[:start]
    return changed


def of_lines(chance: random.Random, kind: str, lines: Sequence[bytes]) -> list[bytes]:
    """Other lines than these, whole ones dropped, swapped, inserted or cut off."""
    while True:
        changed, place = list(lines), chance.randrange(len(lines))
        match kind:
            case "change":
                changed[place] = of_bytes(chance, "change", lines[place])
            case "drop":
                del changed[place]
            case "swap":
                other = chance.randrange(len(lines))
                changed[place], changed[other] = changed[other], changed[place]
            case "insert":
                changed.insert(chance.randrange(len(lines) + 1), chance.choice((lines[place], b"\n", b"{}\n")))
            case "truncate":
                del changed[place:]
        if changed != list(lines):
            return changed
