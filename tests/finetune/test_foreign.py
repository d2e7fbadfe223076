"""A base from the hub: trained on in the prompt that the server asks with, exported, served.

Its weights are random, so this shows the mechanics and not that such a model learns well.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from inkling.bundle import Bundle, open_bundle
from inkling.errors import InklingError
from inkling.layout import FimContext, Sentinel, Snippet
from lsp_server.engine.engine import Engine
from lsp_server.engine.model import Model
from lsp_server.engine.prompt import encode_context
from lsp_server.engine.records import CompletionRequest, EngineSettings
from tests.evaluation.corpus_fixture import document
from tests.finetune.test_run import NAME, SMALL
from tests.quantize.foreign_checkpoint import DEEPSEEK, FOREIGN, QWEN, write_foreign_checkpoint
from tests.quantize.random_checkpoint import edit_json

if TYPE_CHECKING:
    from pathlib import Path

    from curation.corpus import CorpusDocument
    from tests.quantize.foreign_checkpoint import Foreign

pytest.importorskip("datatrove")
pytest.importorskip("gguf")

TEXT = (
    'name = "cafe\u0301"\nend = "<|endoftext|><|fim_middle|>"\nvalue = name + end\nprint(value)\n'
)
CURSOR = TEXT.index("name + end")
SNIPPET = Snippet("other.py", "<|file_sep|> = 1\n")


@pytest.fixture(scope="module")
def qwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_foreign_checkpoint(tmp_path_factory.mktemp("hub") / "owner--coder", QWEN)


@pytest.mark.parametrize("kind", FOREIGN.values(), ids=FOREIGN)
def test_training_asks_as_the_server_does(kind: Foreign, tmp_path: Path) -> None:
    from finetune.base import open_base
    from pretrain.examples import ExampleOptions
    from pretrain.fim import FimMix, Hole, fim_context
    from quantize.checkpoint_reader import open_checkpoint
    from quantize.file_types import FileType
    from quantize.gguf_writer import write_gguf

    folder = write_foreign_checkpoint(tmp_path / "base", kind)
    write_gguf(open_checkpoint(folder), tmp_path / "m.gguf", FileType.F32, name="m")
    base = open_base(folder)
    hole = Hole(TEXT.index("value"), CURSOR, len(TEXT) - 1)

    def surround(_context: FimContext, _document: CorpusDocument) -> tuple[Snippet, ...]:
        return (SNIPPET,)

    maker = replace(
        base.example_maker(512, lambda *_: hole),
        options=ExampleOptions(512, FimMix(rate=1), repo_share=1),
        surround=surround,
    )
    (trained,) = maker.examples(document(TEXT, repo="sample", path="a.py"))
    context, middle = fim_context(TEXT, hole, "a.py", "sample")
    context = replace(context, snippets=(SNIPPET,))
    model = Model(Bundle(tmp_path / "m.gguf", None))
    try:
        vocabulary = model.vocabulary
        asked = encode_context(replace(context, typed=""), vocabulary)
        assert trained[: len(asked)] == asked
        assert trained[len(asked) : -1] == vocabulary.encode(context.typed + middle)
        assert trained[-1] == vocabulary.sentinel_ids[Sentinel.END]
        served = {s: vocabulary.sentinel_ids[s] for s in kind.family.texts}
        assert served == {s: base.sentinel_ids[s] for s in kind.family.texts}
        assert (trained[0] in vocabulary.begin_ids) == (kind is DEEPSEEK)
        assert all(trained.count(served[s]) == 1 for s in served if s.name in ("MIDDLE", "END"))
    finally:
        model.close()


@pytest.mark.parametrize("kind", FOREIGN.values(), ids=FOREIGN)
def test_padding_is_nothing_that_is_learned(kind: Foreign, tmp_path: Path) -> None:
    from finetune.base import open_base

    base = open_base(write_foreign_checkpoint(tmp_path, kind))
    assert base.pad not in {base.sentinel_ids[s] for s in Sentinel if s is not Sentinel.PAD
                            and s in base.sentinel_ids}  # fmt: skip
    assert base.pad not in base.begin_ids
    assert base.token_bytes[base.pad] == 0


def test_windows_of_a_large_vocabulary_hold_its_ids() -> None:
    from pretrain.packing import pack, window_type

    assert window_type(1 << 16) is np.uint16
    large = window_type((1 << 16) + 1)
    (window,) = pack([[151_643, 70_000]], 3, 151_664, dtype=large)
    assert window.tolist() == [151_643, 70_000, 151_664]


def tune(repo: Path, base: Path, out: Path, *more: str) -> int:
    from finetune.cli import main

    return main([str(repo), "--base", str(base), "--out", str(out), *SMALL, "--steps", "2",
                 "--learning-rate", "0.01", *more])  # fmt: skip


def test_all_weights_of_a_base_from_the_hub_can_be_trained(
    repo: Path, qwen: Path, tmp_path: Path
) -> None:
    from quantize.checkpoint_reader import open_checkpoint

    out = tmp_path / "run"
    assert tune(repo, qwen, out, "--method", "full", "--until", "train") == 0
    before, after = open_checkpoint(qwen), open_checkpoint(out / "checkpoint")
    assert after.shape == before.shape
    assert after.vocabulary == before.vocabulary
    name = "model.layers.0.self_attn.q_proj.bias"
    assert np.abs(after.tensors.load(name) - before.tensors.load(name)).max() > 0


def test_a_base_from_the_hub_is_tuned_installed_and_served(
    repo: Path, qwen: Path, tmp_path: Path, inkling_home: Path
) -> None:
    out = tmp_path / "run"
    assert tune(repo, qwen, out, "--method", "lora", "--rank", "4", "--force") == 0

    installed = open_bundle(inkling_home / "models" / NAME, verify=True)
    assert installed.manifest is not None
    assert installed.manifest.languages == []
    assert installed.manifest.sentinel_ids.keys() == {s.name for s in QWEN.family.texts}
    assert "adapter.gguf" in installed.manifest.files
    assert installed.manifest.evaluation["finetune"]["kind"] == "commits"
    template = (inkling_home / "models" / NAME / "Modelfile").read_text()
    assert "<|fim_prefix|>{{ .Prompt }}<|fim_suffix|>" in template
    tokenizer = "tokenizer.json"
    assert (out / "checkpoint" / tokenizer).read_bytes() == (qwen / tokenizer).read_bytes()
    config = json.loads((out / "checkpoint" / "config.json").read_bytes())
    assert config["architectures"] == [QWEN.architecture]
    with Engine(installed, EngineSettings(threads=1)) as engine:
        asked = CompletionRequest(FimContext("import os\n", "x = ", "\n"), max_new_tokens=8)
        answer = engine.complete(asked)
        assert answer.prompt_tokens == len(encode_context(asked.context, engine.vocabulary))


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"architectures": ["Starcoder2ForCausalLM"]}, "Starcoder2ForCausalLM"),
        ({"use_sliding_window": True}, "use_sliding_window"),
        ({"layer_types": ["full_attention", "sliding_attention"]}, "layer_types"),
        ({"rope_parameters": {"rope_type": "yarn", "factor": 4.0}}, "rope_type"),
        ({"rope_scaling": {"type": "yarn", "factor": 4.0}, "rope_parameters": None}, "rope_type"),
        ({"mlp_bias": True}, "mlp_bias"),
        ({"quantization_config": {"quant_method": "gptq"}}, "quantization_config"),
    ],
)
def test_unusual_configurations_are_refused(
    qwen: Path, tmp_path: Path, config: dict[str, object], says: str
) -> None:
    from finetune.base import open_base

    folder = copied(qwen, tmp_path)
    edit_json(folder / "config.json", **config)
    with pytest.raises(InklingError, match=says):
        open_base(folder)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("<|fim_middle|>", "<|middle|>", "lacks <|fim_middle|>"),
        ("<|fim_pad|>", "[SUFFIX]", "want the suffix before the prefix"),
        ("<|endoftext|>", "<|end|>", "no special token that ends a text"),
        ("(?i:'s", "(?i:'x", "a way that llama.cpp would not follow"),
        ("<|repo_name|>", "repo", "'repo' is not special"),
    ],
)
def test_tokenizers_that_cannot_be_followed_are_refused(
    qwen: Path, tmp_path: Path, old: str, new: str, says: str
) -> None:
    from finetune.base import open_base

    path = copied(qwen, tmp_path) / "tokenizer.json"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(InklingError) as refused:
        open_base(path.parent)
    assert says in str(refused.value)


def copied(folder: Path, target: Path) -> Path:
    for path in folder.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    return target
