"""JSON values one after another from a stream that is larger than memory."""

import codecs
import json
import re
from typing import IO, Any

from arena.imports import jsonkeys

CHUNK = 1024 * 1024
SPACE = " \t\r\n\ufeff"


class Unread:
    """The text of a stream that is not taken yet."""

    def __init__(self, stream: IO[bytes], largest: int, largest_blank: int) -> None:
        """`largest` is how many characters a value may have, `largest_blank` what is passed over before one."""
        self._largest_blank = largest_blank
        self._stream = stream
        self._largest = largest
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._objects = jsonkeys.Objects()
        self._scan = json.JSONDecoder(object_pairs_hook=self._objects).raw_decode
        self._text = ""
        self._place = 0

    def skip(self, other: str = "") -> bool:
        """Pass over white space and the `other` characters; False at the end. Raises `EOFError` for too many."""
        passed, blank = 0, re.compile(f"[{re.escape(SPACE + other)}]*")
        while True:
            begin, self._place = self._place, blank.match(self._text, self._place).end()  # type: ignore[union-attr]
            passed += self._place - begin
            if passed > self._largest_blank:
                raise EOFError(f"more than {self._largest_blank:,} characters of it are blank")
            if self._place < len(self._text):
                return True
            if not self._more(1):
                return False

    def begins(self, character: str) -> bool:
        """Whether this character is next; then it is taken."""
        found = self._text.startswith(character, self._place)
        self._place += found
        return found

    def value(self) -> Any:
        """The next value. Raises `EOFError` where it breaks off, or is no JSON, and `RowFault` for one that is
        passed over, since an object in it has a key twice.
        """
        chunks = 1
        while True:
            self._objects.begin()
            try:
                found, self._place = self._scan(self._text, self._place)
            except (ValueError, RecursionError) as error:
                if len(self._text) - self._place > self._largest:
                    raise EOFError(f"a value is longer than {self._largest:,} characters, or no JSON") from error
                if not self._more(chunks):
                    raise EOFError(str(error)) from error
                chunks *= 2  # or a long value would be begun again for each part of it
            else:
                self._objects.demand_once()
                return found

    def _more(self, chunks: int) -> bool:
        """Read on; False at the end."""
        data = self._stream.read(chunks * CHUNK)
        self._text = self._text[self._place :] + self._decode(data, final=not data)
        self._place = 0
        return bool(data)
