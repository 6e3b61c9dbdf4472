"""Text in UTF-16 as a stream of UTF-8, a few characters in memory at a time."""

import codecs
import io
from typing import IO

CHUNK = 64 * 1024


class Recoded(io.RawIOBase):
    """What a stream in UTF-16 says, in UTF-8. Raises `UnicodeDecodeError` where it is none."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-16")()
        self._waiting = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """As `io.RawIOBase` says."""
        while not self._waiting:
            data = self._stream.read(CHUNK)
            self._waiting = self._decoder.decode(data, final=not data).encode()
            if not data:
                break
        taken = self._waiting[: len(buffer)]
        buffer[: len(taken)] = taken
        self._waiting = self._waiting[len(taken) :]
        return len(taken)

    def close(self) -> None:
        """Close the stream below, too."""
        self._stream.close()
        super().close()
