"""The audit finds what a model knows by heart, and nothing in one that never saw it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.evaluation.corpus_fixture import document

pytest.importorskip("datatrove")
from finetune.audit import CANARIES, MAX_EXPOSURE, canary_documents, exposure, rare_strings

if TYPE_CHECKING:
    from pathlib import Path


def test_a_model_that_learned_the_canaries_is_exposed(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    import torch
    from transformers import Qwen3ForCausalLM

    from finetune.base import open_base

    base = open_base(tiny_checkpoint)
    assert exposure(base, tiny_checkpoint, "seed") < MAX_EXPOSURE / 2
    texts = [d.text for d in canary_documents([document("x = 1\n")], "seed")]
    rows = [base.tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    width = max(map(len, rows))
    ids = torch.tensor([row + [base.pad] * (width - len(row)) for row in rows])
    labels = ids.masked_fill(ids == base.pad, -100)
    model = Qwen3ForCausalLM.from_pretrained(tiny_checkpoint, dtype=torch.float32)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    for _ in range(60):
        model(input_ids=ids, labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(tmp_path)
    assert exposure(base, tmp_path, "seed") > MAX_EXPOSURE - 1


def test_canaries_differ_by_seed_and_look_like_code() -> None:
    one, two = (canary_documents([document("x = 1\n")], seed) for seed in ("one", "two"))
    assert len({d.text for d in one + two}) == 2 * CANARIES
    for canary in one:
        assert re.fullmatch(r'[A-Z_0-9]+ = "[0-9a-f]{16}"\n', canary.text)
        compile(canary.text, canary.path, "exec")


def test_rare_strings_stand_once_in_all_files() -> None:
    rare = "a sentence that nobody else has written"
    common = "a sentence that stands in two of the files"
    texts = [f'x = "{rare}"\ny = "{common}"\n', f"z = '{common}'\nshort = 'no'\n"]
    found = rare_strings([document(text) for text in texts])
    assert len(found) == 1
    before, rest = found[0]
    assert texts[0].startswith(before)
    assert before.endswith(rare[: len(rare) // 3])
    assert rest == rare[len(rare) // 3 :]
