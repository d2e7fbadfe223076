"""The run: curate, split, train, prove, export, install what wins."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from transformers.utils import logging as transformers_logging

from curation.corpus import manifest_hash, read_documents
from curation.executors import Machines
from curation.options import CurationOptions
from curation.pipeline import run_curation
from finetune.base import Base, open_base
from finetune.proof import Proof, prove
from finetune.report import model_card, plan, proof_table
from finetune.run_folder import RunFolder, check_free
from finetune.split import Split, split_documents
from finetune.train import planned_steps, train
from finetune.windows import pack_documents
from inkling import bundle
from inkling.atomic import atomic_folder, write_json, write_text
from inkling.checkpoint import read_checkpoint_manifest, write_checkpoint_manifest
from inkling.errors import InklingError
from inkling.optout import read_list
from inkling.settings import home, usable_cores
from pretrain.model_card import CARD_NAME
from pretrain.tokenizer import as_pretrained
from quantize.bundle_writer import write_bundle
from quantize.cli import folder_name
from quantize.progress import ShownSteps

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console

    from finetune.options import FinetuneOptions
    from finetune.train import Training

HELDOUT_WINDOWS = 128
"""So many windows prove the model at most; more would take longer than they tell."""
_FREE_OPTIONS = ("repo", "base", "out", "yes", "save_minutes")
"""May change between a stop and going on. What repo and base hold may not, wherever they lie."""


@dataclass(frozen=True)
class Outcome:
    """What came of a run: the comparison, the exported bundle, and the installed one if it won."""

    proof: Proof
    exported: Path
    installed: Path | None


def finetune(
    options: FinetuneOptions, console: Console, confirm: Callable[[], bool] = lambda: True
) -> Outcome | None:
    """Tune, prove, and install what wins; None if `confirm` says no to the printed plan.

    Raises:
        InklingError: bad options, base or repository; or an interruption, after which the same
            command goes on.
    """
    options.check()
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    base = open_base(options.base)
    name = options.name or f"{options.repo.resolve().name}-personal"
    run = RunFolder(options.out or home() / "finetune" / folder_name(name))
    target = home() / "bundles" / folder_name(name)
    check_free(target)
    split = _read_repository(options, base, run, console)
    maker = base.example_maker(options.window)
    windows = pack_documents(split.train, maker, options.epochs)
    held = pack_documents(split.heldout, maker, 1, HELDOUT_WINDOWS)
    if not len(windows) or not len(held):
        raise InklingError(
            f"The files of {options.repo} give nothing to train on or nothing to test with.",
            "Name a repository with more code.",
        )
    steps = planned_steps(options, len(windows))
    console.print(plan(options, split, (len(windows), maker.options.window), len(held), steps))
    key = _key(options, base, split)
    if not run.has_trained(key):
        if not confirm():
            return None
        run.begin(key)
        training = train(base, windows, options, run, console)
        _write_checkpoint(name, base, options, split, training, run)
    with console.status("measuring base and tuned model on the held-out windows"):
        proof = prove(base, run.checkpoint, held)
    write_json(run.path / "report.json", proof.to_json())
    console.print(proof_table(proof))
    _export(run, proof, console)
    if not proof.wins:
        return Outcome(proof, run.bundle, None)
    with atomic_folder(target) as folder:
        shutil.copytree(run.bundle, folder, dirs_exist_ok=True)
    return Outcome(proof, run.bundle, target)


def _read_repository(
    options: FinetuneOptions, base: Base, run: RunFolder, console: Console
) -> Split:
    """Curate the repository as one's own code, in the languages of the base, and split it."""
    run.claim()
    languages = tuple(base.manifest.languages)
    curation = CurationOptions(
        folders=(options.repo,), policy="any", languages=languages, opt_out=read_list()
    )
    machines = Machines(workers=usable_cores())
    run_curation(curation, run.corpus, run.path / "work", machines, console)
    documents = list(read_documents(run.corpus))
    if len(documents) < 2:
        raise InklingError(
            f"{options.repo} holds {len(documents) or 'no'} usable files in "
            f"{', '.join(languages) or 'a known language'}, and two are the least.",
            "Name a repository with more code; the table above says why files were dropped.",
        )
    return split_documents(documents)


def _key(options: FinetuneOptions, base: Base, split: Split) -> str:
    """Identity of a run: the options that shape it, the base, and every file on both sides."""
    sides = [[(d.repo, d.path, d.text_sha256) for d in s] for s in (split.train, split.heldout)]
    return hashlib.sha256(
        json.dumps([_chosen(options), base.identity(), sides]).encode()
    ).hexdigest()


def _chosen(options: FinetuneOptions) -> dict[str, Any]:
    """The options that shape the model: no paths of this machine, nothing of how it was run."""
    return {k: v for k, v in asdict(options).items() if k not in _FREE_OPTIONS}


def _write_checkpoint(
    name: str,
    base: Base,
    options: FinetuneOptions,
    split: Split,
    training: Training,
    run: RunFolder,
) -> None:
    """Write the Hugging Face folder, whole or not at all."""
    documents = [*split.train, *split.heldout]
    facts = {
        "base": base.manifest.name,
        "base_training": base.manifest.training,
        "repository": options.repo.resolve().name,
        "repository_corpus": manifest_hash(run.corpus),
        "options": _chosen(options),
        "steps": training.steps,
        "hours": training.seconds / 3600,
        "loss": training.loss,
        "train_documents": len(split.train),
        "heldout_documents": len(split.heldout),
        "split_by_time": split.by_time,
        "licenses": dict(Counter(d.license or "none found" for d in documents).most_common()),
    }
    # `corpus` stays the base's: it names the index that suggestions are looked up in, and one's
    # own code needs no attribution.
    manifest = replace(base.manifest, name=name, training=facts)
    with atomic_folder(run.checkpoint) as building:
        training.model.save_pretrained(building)
        as_pretrained(base.tokenizer).save_pretrained(building)
        base.tokenizer.save(str(building / "tokenizer.json"))
        write_checkpoint_manifest(building, manifest)


def _export(run: RunFolder, proof: Proof, console: Console) -> None:
    """Write card and bundle; the bundle's manifest carries the comparison."""
    card = model_card(read_checkpoint_manifest(run.checkpoint), proof)
    write_text(run.checkpoint / CARD_NAME, card)
    manifest = write_bundle(run.checkpoint, run.bundle, steps=ShownSteps(console))
    manifest = replace(manifest, evaluation={"finetune": proof.to_json()})
    write_json(run.bundle / bundle.MANIFEST_NAME, manifest.to_json())
