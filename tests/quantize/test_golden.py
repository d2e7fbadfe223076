"""The exported model is the trained one: same tokens, and the same logits within rounding.

The reference is what training used: `tokenizers` with special tokens off, and PyTorch in float32.
"""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkling.layout import (
    FimContext,
    Sentinel,
    Snippet,
    document_segments,
    encode_segments,
    fim_example_segments,
)
from quantize.checkpoint_reader import open_checkpoint
from quantize.file_types import FileType
from quantize.gguf_writer import write_gguf
from quantize.llama_model import LlamaModel, open_llama_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Seen: 2e-5 and 9e-3 at logits that span about 20, and 100 % and 99.9 % of the next tokens.
F32_TOLERANCE, F32_SAME_TOP = 2e-4, 0.999
F16_TOLERANCE, F16_SAME_TOP = 3e-2, 0.99

LIBRARY = Path(sysconfig.get_path("stdlib"))
SOURCES = ("argparse.py", "html/entities.py", "encodings/cp1253.py", "keyword.py", "stringprep.py")

HAND_WRITTEN = {
    "empty": "",
    "tabs": "\tif x:\n\t\treturn\t1\n\t",
    "trailing spaces": "a  \n   \n\n\n  b   ",
    "CRLF": "def f():\r\n    return 1\r\n\r\n",
    "lone CR": "a\rb\r\r",
    "digits": "0 12 345 6789 0x1F 1_000 3.14e-10 v2",
    "Unicode digits": "٣٤٥ ९८ Ⅷ ½ ² ①",
    "letters of the world": "naïve Größe имя 名前 이름 שם ชื่อ",
    "combining marks": "e\u0301 a\u030a\u0323",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 ✨",
    "spaces that are none": "a\u00a0b\u2003c\u3000d\u200be\ufefff",
    "line separators": "a\u2028b\u2029c\x0bd\x0ce\x1cf\x85g",
    "control bytes": "\x00\x01\x02\x1b[31m\x7f\x80\x9f",
    "contractions": "it's don't I'LL we've 'S o'clock",
    "operators": "a**b//c@d:=e->f!=g<<=h",
    "outside the BMP": "𝔘𝔫𝔦 𠀀 \U0010ffff",
    "private and unassigned": "\ue000\uffff\U000e0001\u0378",
    "sentinels as text": "".join(s.value for s in Sentinel) + " <|endoftext|>x<fim_middle>\n",
    "halves of sentinels": "<fim_ prefix> <|endof text|> <<fim_prefix>>",
    "made-up tokens": "[UNUSED1024] <s> </s> <unk> <|im_end|> <|file_sep|>",
}


@pytest.fixture(scope="module")
def llama(exact_model: Path) -> Iterator[LlamaModel]:
    with open_llama_model(exact_model, longest=512) as model:
        yield model


@pytest.fixture(scope="module")
def encode(tokenizer_file: Path) -> Callable[[str], list[int]]:
    from pretrain.tokenizer import load_tokenizer

    tokenizer = load_tokenizer(tokenizer_file)
    return lambda text: list(tokenizer.encode(text, add_special_tokens=False).ids)


@pytest.fixture(scope="module")
def special_ids(tokenizer_file: Path) -> dict[Sentinel, int]:
    from pretrain.tokenizer import load_tokenizer, sentinel_ids

    return sentinel_ids(load_tokenizer(tokenizer_file))


@pytest.mark.parametrize("name", SOURCES)
def test_real_source_gives_the_same_tokens(
    name: str, llama: LlamaModel, encode: Callable[[str], list[int]]
) -> None:
    text = (LIBRARY / name).read_bytes().decode()
    assert llama.tokenize(text) == encode(text)
    with_crlf = text.replace("\n", "\r\n")
    assert llama.tokenize(with_crlf) == encode(with_crlf)
    assert len(encode(text)) > 100


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_awkward_text_gives_the_same_tokens(
    name: str, llama: LlamaModel, encode: Callable[[str], list[int]]
) -> None:
    assert llama.tokenize(HAND_WRITTEN[name]) == encode(HAND_WRITTEN[name])


def test_every_character_of_the_basic_plane_gives_the_same_tokens(
    llama: LlamaModel, encode: Callable[[str], list[int]]
) -> None:
    """Catches a difference between the two libraries' tables of letters, digits and spaces."""
    characters = [chr(c) for c in range(0x10000) if not 0xD800 <= c < 0xE000]
    for start in range(0, len(characters), 1024):
        text = "".join(f"a{c} {c}1{c}!{c}\n" for c in characters[start : start + 1024])
        assert llama.tokenize(text) == encode(text), f"block from U+{ord(characters[start]):04X}"


pieces = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["\r\n", "\t", "    ", "'s", "1", "٣", "\u00a0", "🏽", "\x00"]),
    st.sampled_from([sentinel.value for sentinel in Sentinel]),
)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(pieces, max_size=12).map("".join))
def test_any_text_gives_the_same_tokens(
    llama: LlamaModel, encode: Callable[[str], list[int]], text: str
) -> None:
    ids = encode(text)
    assert llama.tokenize(text) == ids


@settings(max_examples=100, deadline=None)
@given(st.lists(pieces, max_size=8).map("".join))
def test_no_text_forges_a_sentinel(
    llama: LlamaModel, special_ids: dict[Sentinel, int], text: str
) -> None:
    assert not set(special_ids.values()) & set(llama.tokenize(text))


def prompts() -> dict[str, list[Any]]:
    """Sequences in the layout, sentinels included."""
    source = (LIBRARY / "textwrap.py").read_bytes().decode()
    lines = source.splitlines(keepends=True)
    return {
        "hole": fim_example_segments(
            FimContext("".join(lines[40:52]), lines[52][:7], "".join(lines[53:60]), "textwrap.py"),
            lines[52][7:],
        ),
        "hole with repository": fim_example_segments(
            FimContext(
                "x = 1\n",
                "y",
                "\nz = 3\n",
                "a/b.py",
                "some/repository",
                (Snippet("c.py", "def c():\n    pass\n"),),
            ),
            " = 2",
        ),
        "document": document_segments("".join(lines[60:80]), path="textwrap.py"),
        "Unicode, tabs, digits, CRLF": document_segments(
            "".join(HAND_WRITTEN[n] for n in ("emoji", "tabs", "digits", "CRLF", "Unicode digits"))
        ),
        "forged": document_segments(HAND_WRITTEN["sentinels as text"]),
    }


@pytest.fixture(scope="module")
def torch_logits(tiny_checkpoint: Path) -> Callable[[list[int]], np.ndarray[Any, Any]]:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    model = transformers.AutoModelForCausalLM.from_pretrained(tiny_checkpoint, dtype=torch.float32)
    model.eval()

    def logits(ids: list[int]) -> np.ndarray[Any, Any]:
        with torch.no_grad():
            result: np.ndarray[Any, Any] = model(torch.tensor([ids])).logits[0].numpy()
        return result

    return logits


@pytest.fixture(scope="module")
def sequences(
    encode: Callable[[str], list[int]], special_ids: dict[Sentinel, int]
) -> dict[str, list[int]]:
    return {n: encode_segments(s, encode, special_ids) for n, s in prompts().items()}


@pytest.mark.parametrize("name", prompts())
def test_logits_are_those_of_pytorch(
    name: str,
    llama: LlamaModel,
    sequences: dict[str, list[int]],
    torch_logits: Callable[[list[int]], np.ndarray[Any, Any]],
) -> None:
    expected, found = torch_logits(sequences[name]), llama.logits(sequences[name])
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=F32_TOLERANCE)
    assert np.ptp(expected) > 5, "the logits must differ for the comparison to say anything"


def test_half_precision_keeps_the_logits_and_the_next_tokens(
    tiny_checkpoint: Path,
    tmp_path: Path,
    sequences: dict[str, list[int]],
    torch_logits: Callable[[list[int]], np.ndarray[Any, Any]],
) -> None:
    write_gguf(open_checkpoint(tiny_checkpoint), tmp_path / "h.gguf", FileType.F16, name="half")
    same: list[bool] = []
    with open_llama_model(tmp_path / "h.gguf") as half:
        for ids in sequences.values():
            expected, found = torch_logits(ids), half.logits(ids)
            np.testing.assert_allclose(found, expected, rtol=0, atol=F16_TOLERANCE)
            same += (expected.argmax(axis=1) == found.argmax(axis=1)).tolist()
    assert len(same) > 500
    assert np.mean(same) >= F16_SAME_TOP


def test_pytorch_and_llama_choose_the_same_next_token(
    llama: LlamaModel,
    sequences: dict[str, list[int]],
    torch_logits: Callable[[list[int]], np.ndarray[Any, Any]],
) -> None:
    same = [
        (torch_logits(ids).argmax(axis=1) == llama.logits(ids).argmax(axis=1)).mean()
        for ids in sequences.values()
    ]
    assert min(same) >= F32_SAME_TOP
