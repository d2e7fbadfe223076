"""The number types that a bundle's weights may have, as llama.cpp names them.

Nothing under four bits is offered: at the sizes that Inkling trains it costs too much quality.
"""

from __future__ import annotations

from enum import Enum

from inkling.errors import InklingError


class FileType(Enum):
    """Name as in llama.cpp's quantize tool; value: (`llama_ftype`, weights in a block)."""

    F32 = (0, 1)
    F16 = (1, 1)
    BF16 = (32, 1)
    Q8_0 = (7, 32)
    Q6_K = (18, 256)
    Q5_K_M = (17, 256)
    Q5_K_S = (16, 256)
    Q5_1 = (9, 32)
    Q5_0 = (8, 32)
    Q4_K_M = (15, 256)
    Q4_K_S = (14, 256)
    Q4_1 = (3, 32)
    Q4_0 = (2, 32)

    @property
    def ftype(self) -> int:
        """Number of the type in llama.cpp's `enum llama_ftype`."""
        return self.value[0]

    @property
    def block(self) -> int:
        """Rows that aren't a multiple of this many weights get another type, without a word."""
        return self.value[1]

    @property
    def unquantized(self) -> bool:
        return self.block == 1


def parse_file_type(name: str) -> FileType:
    """The type called `name` (any case); InklingError if there is none."""
    try:
        return FileType[name.upper()]
    except KeyError as error:
        raise InklingError(
            f"There is no quantization type '{name}'.",
            f"Choose one of: {', '.join(FileType.__members__)}.",
        ) from error
