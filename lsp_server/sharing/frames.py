"""What the shared process sends to a relay: frames of a kind, a length and so many bytes.

The other direction needs none: after one line of greeting, it is the editor's bytes as they come.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from enum import IntEnum

HEADER = struct.Struct(">BI")


class Kind(IntEnum):
    """What a frame's bytes are.

    `READY` (empty): the greeting was right. `PROTOCOL`: for the editor. `LOG`: lines of the log.
    `EXIT`: the exit status in decimal digits; nothing follows.
    """

    READY = 1
    PROTOCOL = 2
    LOG = 3
    EXIT = 4


def frame(kind: Kind, data: bytes = b"") -> bytes:
    return HEADER.pack(kind, len(data)) + data


@dataclass(frozen=True)
class Greeting:
    """The first line of a relay.

    Attributes:
        token: proof that the relay may read the user's files.
        model: as `--model`.
        log_level: least severity that the relay wants to have.
    """

    token: str
    model: str | None = None
    log_level: str = "info"

    def to_line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Greeting:
        """Raises ValueError or TypeError for what is no greeting."""
        return cls(**json.loads(line))
