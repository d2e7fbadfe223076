"""Tuning by `trl`: from preferences (DPO) and from instructions (SFT).

Both are small: the base in memory twice, no packing, no gate of commits. Prompts and answers are
encoded here, so that sentinels are ids and never text, and reach `trl` as token ids.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro
from rich.console import Console

from inkling import interactions
from inkling.atomic import atomic_folder, write_text
from inkling.errors import InklingError, require
from inkling.layout import FimContext, Sentinel, encode_segments, prompt_segments
from inkling.settings import home

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from finetune.base import Base
    from inkling.interactions import Interaction

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '### ' + message['role'] + '\n' + message['content'] + '\n' }}"
    "{% endfor %}{{ '### assistant\n' }}"
)
FEWEST_PAIRS = 8
_NO_LOG = "Switch 'keepText' on in the editor's settings, and write with it for some days"
_KINDS = {
    "instruct": "an instruction and a response (SFT)",
    "dpo": "what its user preferred and what not (DPO)",
}
_LONGEST_ANSWER = 128
"""Tokens of a suggestion that are compared; an instruction's response is learned whole."""


@dataclass(frozen=True)
class Pair:
    """A prompt and two answers to it, as token ids; of an instruction only one."""

    prompt: list[int]
    chosen: list[int]
    rejected: list[int]


@dataclass(frozen=True)
class TrlTuning:
    """What both have in common."""

    base: str | None = None
    """Checkpoint or bundle to start from, or OWNER/NAME on the hub (default: the starter model)."""
    out: Path | None = None
    """Folder of the run (default: finetune/NAME under INKLING_HOME)."""
    name: str = "preferred"
    """Name of the tuned model."""
    steps: int = 60
    """Optimizer steps."""
    batch: int = 4
    """Pairs of one step."""
    learning_rate: float = 5e-5
    """Peak learning rate."""

    def check(self) -> None:
        for name in ("steps", "batch"):
            if getattr(self, name) < 1:
                raise InklingError(f"--{name} is {getattr(self, name)}.", "Give it 1 or more.")

    def prepare(self) -> tuple[Base, Path]:
        """The opened base, and the folder of the run."""
        from finetune.base import as_checkpoint, open_base
        from finetune.hub import local_base
        from finetune.run_folder import RunFolder
        from quantize.cli import folder_name

        require("trl", "preference")
        from pretrain.quiet import quiet_transformers

        quiet_transformers()
        out = self.out or home() / "finetune" / folder_name(self.name)
        RunFolder(out).claim()
        given = local_base(self.base, out / "hub")
        return open_base(as_checkpoint(given, out / "base")), out

    def write(self, model: Any, base: Base, out: Path, facts: dict[str, Any]) -> int:
        """Write checkpoint and bundle; nothing is installed without a proof."""
        from finetune.base_license import license_of
        from finetune.export import export, serving
        from inkling.checkpoint import write_checkpoint_manifest
        from pretrain.model_card import CARD_NAME
        from quantize.gguf_writer import CHAT_TEMPLATE_NAME
        from quantize.progress import ShownSteps

        manifest = replace(base.manifest, name=self.name, training=facts)
        with atomic_folder(out / "checkpoint") as folder:
            model.save_pretrained(folder)
            base.write_tokenizer(folder)
            if facts["task"] == "instruct":
                write_text(folder / CHAT_TEMPLATE_NAME, CHAT_TEMPLATE)
            write_checkpoint_manifest(folder, manifest)
        console = Console()
        chats = facts["task"] == "instruct"
        bundle = export(out / "checkpoint", out / "bundle", ShownSteps(console), chats=chats)
        card = _card(self.name, base.manifest.name, license_of(base.folder), facts)
        for folder in (out / "checkpoint", out / "bundle"):
            write_text(folder / CARD_NAME, f"{card}\n{serving(bundle, base.manifest.name)}")
        console.print(f"The tuned model lies in {out / 'bundle'}; try it, then: inkling model use "
                      f"{out / 'bundle'}", soft_wrap=True, highlight=False)  # fmt: skip
        return 0


def _card(name: str, base: str, license_: str, facts: dict[str, Any]) -> str:
    """The model card: what it comes from, and that nothing was proven."""
    kind = _KINDS[facts["task"]]
    return f"""# {name}

The code model {base} (licence: {license_}), tuned with {facts["pairs"]} pairs of {kind}.

It may repeat the texts of those pairs, so share the model only where you would share them. To take
one out, delete the pair and tune again. Nothing was measured beside the base, so nothing was
installed: try it before you use it.
"""


@dataclass(frozen=True)
class Prefer(TrlTuning):
    """Learn from the interaction log what was written where a suggestion wasn't taken (DPO)."""

    log: Path | None = None
    """The log (default: the one in INKLING_HOME, which an editor writes with 'keepText')."""
    beta: float = 0.1
    """How much the model may move away from the base; less lets it move more."""

    def run(self) -> int:
        self.check()
        base, out = self.prepare()
        pairs = preference_pairs(base, interactions.read(self.log))
        _require_enough(len(pairs), "suggestions that were not taken", _NO_LOG)
        model = _train_preferences(base, pairs, self, out)
        return self.write(model, base, out, {"task": "dpo", "pairs": len(pairs)})


@dataclass(frozen=True)
class Instruct(TrlTuning):
    """Learn to follow instructions from pairs of an instruction and a response (SFT)."""

    pairs: Annotated[Path, tyro.conf.Positional] = Path("pairs.jsonl")
    """JSON lines with 'instruction' and 'response'; a thousand good ones suffice."""
    name: str = "instructed"
    """Name of the tuned model."""

    def run(self) -> int:
        self.check()
        base, out = self.prepare()
        pairs = instruction_pairs(base, self.pairs)
        _require_enough(len(pairs), "pairs", "Add some")
        model = _train_instructions(base, pairs, self, out)
        return self.write(model, base, out, {"task": "instruct", "pairs": len(pairs)})


def preference_pairs(base: Base, log: Iterable[Interaction]) -> list[Pair]:
    """What was written is better than what was suggested there and not taken."""
    pairs = []
    for row in log:
        if row.accepted or row.written == row.suggested:
            continue
        typed_from = row.prefix.rfind("\n") + 1
        context = FimContext(
            row.prefix[:typed_from], row.prefix[typed_from:], row.suffix, row.path or None
        )
        written, suggested = _beginning(base, row.written), _beginning(base, row.suggested)
        room = base.manifest.context_size - max(len(written), len(suggested))
        pairs.append(Pair(_prompt(base, context, room), written, suggested))
    return _fitting(pairs, base)


def instruction_pairs(base: Base, path: Path) -> list[Pair]:
    """The pairs of a file, in the chat template.

    Raises:
        InklingError: the file is missing, or a line of it is no pair.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InklingError(f"The file {path} can't be read.", "Name a JSON-lines file.") from error
    pairs = []
    for number, line in enumerate(filter(str.strip, lines), start=1):
        try:
            value = json.loads(line)
            instruction, response = str(value["instruction"]), str(value["response"])
        except (ValueError, KeyError, TypeError) as error:
            raise InklingError(
                f"Line {number} of {path} is no pair.",
                "Write objects with 'instruction' and 'response', one a line.",
            ) from error
        asked = _encode(base)(f"### user\n{instruction}\n### assistant\n")
        pairs.append(Pair([*base.begin_ids, *asked], _answer(base, response), []))
    return _fitting(pairs, base)


def _encode(base: Base) -> Any:
    return lambda text: base.tokenizer.encode(text, add_special_tokens=False).ids


def _prompt(base: Base, context: FimContext, room: int) -> list[int]:
    """The prompt for a context, without the lines farthest from the cursor if it is too long."""
    while True:
        segments = prompt_segments(context)
        ids = [*base.begin_ids, *encode_segments(segments, _encode(base), base.sentinel_ids)]
        above, below = context.prefix.splitlines(True), context.suffix.splitlines(True)
        if len(ids) <= room or not (above or below):
            return ids
        context = replace(
            context,
            prefix="".join(above[1 + len(above) // 8 :]),
            suffix="".join(below[: -1 - len(below) // 8]),
        )


def _answer(base: Base, text: str) -> list[int]:
    return [*_encode(base)(text), base.sentinel_ids[Sentinel.END]]


def _beginning(base: Base, text: str) -> list[int]:
    """A suggestion, which ends with the sentinel only if it isn't cut off."""
    return _answer(base, text)[:_LONGEST_ANSWER]


def _fitting(pairs: Sequence[Pair], base: Base) -> list[Pair]:
    room = base.manifest.context_size
    return [p for p in pairs if len(p.prompt) + max(len(p.chosen), len(p.rejected)) <= room]


def _require_enough(count: int, what: str, remedy: str) -> None:
    if count < FEWEST_PAIRS:
        raise InklingError(
            f"There are {count} {what}, and {FEWEST_PAIRS} are the least.", f"{remedy}."
        )


def _common(options: TrlTuning, out: Path) -> dict[str, Any]:
    return {
        "output_dir": str(out / "steps"),
        "max_steps": options.steps,
        "per_device_train_batch_size": options.batch,
        "learning_rate": options.learning_rate,
        "logging_steps": 5,
        "save_strategy": "no",
        "report_to": [],
        "bf16": False,
        "gradient_checkpointing": False,
        "remove_unused_columns": False,
        "dataloader_pin_memory": False,
    }


def _train_preferences(base: Base, pairs: Sequence[Pair], options: Prefer, out: Path) -> Any:
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer  # type: ignore[attr-defined]

    from finetune.loading import load_model

    class _OfTokens(DPOTrainer):
        """The pairs are token ids already."""

        def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
            return dataset

    rows = [
        {"prompt_ids": p.prompt, "chosen_ids": p.chosen, "rejected_ids": p.rejected} for p in pairs
    ]
    trainer = _OfTokens(
        model=load_model(base.folder),
        ref_model=load_model(base.folder),
        args=DPOConfig(**_common(options, out), beta=options.beta),
        train_dataset=Dataset.from_list(rows),
        processing_class=base.pretrained_tokenizer(),
    )
    trainer.train()
    return trainer.model


def _train_instructions(base: Base, pairs: Sequence[Pair], options: TrlTuning, out: Path) -> Any:
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer  # type: ignore[attr-defined]

    from finetune.loading import load_model

    rows = [
        {
            "input_ids": pair.prompt + pair.chosen,
            "completion_mask": [0] * len(pair.prompt) + [1] * len(pair.chosen),
        }
        for pair in pairs
    ]
    trainer = SFTTrainer(
        model=load_model(base.folder),
        args=SFTConfig(**_common(options, out), completion_only_loss=True),
        train_dataset=Dataset.from_list(rows),
        processing_class=base.pretrained_tokenizer(),
    )
    trainer.train()
    return trainer.model
