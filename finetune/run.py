"""The run: curate, plan, train, prove, export, install what wins.

Each part finds what an earlier run of the same command left, so any of them can be run alone.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress

from curation.corpus import manifest_hash, read_manifest
from evaluation.commits.recall import count_recalled
from finetune import planning, report
from finetune.adapters import save_trained
from finetune.audit import Audit, exposure, rare_strings, secrets_in
from finetune.base import Base, as_checkpoint, bundle_of, open_base
from finetune.base_license import license_of
from finetune.bits import bits_per_byte
from finetune.export import describe, export, exported
from finetune.gate.answers import AnswerLog
from finetune.gate.proof import Proof, prove
from finetune.gate.rounds import rounds_of
from finetune.hub import local_base, push
from finetune.material import Material, read_material, secret_counts
from finetune.page import write_page
from finetune.progress import ProgressFile
from finetune.ranks import ALONE, Order
from finetune.run_folder import RunFolder
from finetune.train import InterruptedTrainingError, Recipe, Training, train
from finetune.training_data import TrainingData, make_training_data
from inkling.atomic import atomic_folder, write_json
from inkling.bundle import MANIFEST_NAME as BUNDLE_MANIFEST
from inkling.bundle import MODEL_NAME, open_bundle
from inkling.checkpoint import read_checkpoint_manifest, write_checkpoint_manifest
from inkling.errors import InklingError
from inkling.installed import check_free_for, install
from inkling.settings import home
from pretrain.allocation import keep_freed_memory
from pretrain.quiet import quiet_transformers
from quantize.bundle_writer import write_bundle
from quantize.cli import folder_name
from quantize.progress import ShownSteps

if TYPE_CHECKING:
    from collections.abc import Callable

    from finetune.options import FinetuneOptions
    from finetune.ranks import Ranks
    from inkling.bundle import BundleManifest

_FREE_OPTIONS = (
    "repos", "base", "out", "yes", "force", "push", "until", "save_minutes", "base_corpus",
    "progress_file",
)  # fmt: skip
"""May change between a stop and going on. What repo, base and its corpus hold may not, wherever
they lie."""


@dataclass(frozen=True)
class Outcome:
    """What came of a run: the comparison, the exported bundle, and the installed one if it won."""

    proof: Proof
    exported: Path
    installed: Path | None


def finetune(
    options: FinetuneOptions,
    console: Console,
    confirm: Callable[[], bool] = lambda: True,
    ranks: Ranks = ALONE,
) -> Outcome | None:
    """Tune, prove, and install what wins; None if it ended before, by `until` or by `confirm`.

    Args:
        ranks: processes that wait to train along.

    Raises:
        InklingError: bad options, base or repository; or an interruption, after which the same
            command goes on.
    """
    options.check()
    told = ProgressFile(options.progress_file)
    told.tell("curate")
    quiet_transformers()
    keep_freed_memory()
    name = options.name or f"{_short_name(options.repos[0])}-personal"
    run = RunFolder(options.out or home() / "finetune" / folder_name(name))
    check_free_for(folder_name(name))
    run.claim()
    given = local_base(options.base, run.path / "hub")
    base = open_base(as_checkpoint(given, run.path / "base"))
    material = read_material(options, base, run, console)
    if not options.reaches("plan"):
        return None
    told.tell("plan")
    key = _key(options, base, material)
    planning.check_memory(base, options)
    with console.status("reading what earlier commits typed, and cutting it and the files"):
        data = make_training_data(material, base, options, key)
    begun = _as_begun(options, run.method(key))
    recipe = _plan(
        begun, base, material, data, run, console, ranks.count, probed=run.has_trained(key)
    )
    if not options.reaches("train"):
        return None
    if not run.has_trained(key):
        if not confirm():
            return None
        if run.begin(key, recipe.method.value):
            console.print("Another command or commit than before: what that had trained is gone.")
        ranks.begin(Order(base.folder, data.train, data.aside, recipe, options, run.path))
        tell = partial(told.tell, "train")
        training = train(base, data.train, data.aside, recipe, options, run, console, tell, ranks)
        ranks.leave()
        _write_checkpoint(name, base, options, material, data, training, recipe, run)
    if not options.reaches("export"):
        return None
    proof = _proven(run, key)
    if proof is None:
        told.tell("export")
        sides = _exported(base, given, run, console)
    if not options.reaches("prove"):
        return None
    if proof is None:
        proof = _prove(base, *sides, material, data, options, key, run, console, told)
    console.print(report.proof_table(proof))
    console.print(report.verdict(proof), highlight=False)
    if not options.reaches("install") or not (proof.wins or options.force):
        return Outcome(proof, run.bundle, None)
    installed = install(run.bundle, folder_name(name))
    told.finish(installed)
    if options.push is not None:
        console.print(f"Pushed: {push(installed, options.push)}", soft_wrap=True)
    return Outcome(proof, run.bundle, installed)


def train_along(ranks: Ranks) -> int:
    """Take part in the training that the first process begins, if it does; the exit status."""
    quiet_transformers()
    keep_freed_memory()
    order = ranks.wait()
    if order is not None:
        base, run = open_base(order.base), RunFolder(order.run)
        quiet = Console(quiet=True)
        with suppress(InterruptedTrainingError):  # the first process says so
            train(
                base, order.windows, order.aside, order.recipe, order.options, run, quiet,
                lambda _: None, ranks,
            )  # fmt: skip
    ranks.leave()
    return 0


def _short_name(place: str) -> str:
    """The last part of an address or a path; a folder's own name if the path is but a dot."""
    if Path(place).is_dir():
        return Path(place).resolve().name or "own"
    return place.rstrip("/").replace("\\", "/").rpartition("/")[2].removesuffix(".git") or "own"


def _as_begun(options: FinetuneOptions, method: str | None) -> FinetuneOptions:
    """The options of a run that may have begun: its saves fit one method, whatever fits now."""
    kept: dict[str, Any] = {} if method is None else {"method": method}
    return replace(options, **kept)


def _plan(
    options: FinetuneOptions,
    base: Base,
    material: Material,
    data: TrainingData,
    run: RunFolder,
    console: Console,
    ranks: int,
    *,
    probed: bool,
) -> Recipe:
    """Decide what is trained, and print it with its cost."""
    steps = options.steps or max(1, len(data.train) // options.batch)
    recipe, cost = planning.plan(
        base, data.train, options, steps, run.path, None if probed else ranks
    )
    spent = None if cost.seconds_a_step is None else cost.seconds_a_step * steps
    if spent is not None and options.budget_seconds is not None:
        spent = min(spent, options.budget_seconds)
    console.print(report.plan(options, material, data, recipe, cost, spent), highlight=False)
    return recipe


def _proven(run: RunFolder, key: str) -> Proof | None:
    """The proof that an earlier run of the same command came to, if what it proved is there."""
    try:
        facts = json.loads(run.report.read_bytes())
        if facts["run"] != key:
            return None
        open_bundle(run.bundle, verify=True)
        return Proof.from_json(facts["proof"])
    except (OSError, ValueError, KeyError, TypeError, InklingError):
        return None


def _exported(
    base: Base, given: Path | None, run: RunFolder, console: Console
) -> tuple[Path, BundleManifest]:
    """The base's bundle to compare with, and the manifest of the tuned one; written if missing."""
    steps = ShownSteps(console)
    done = exported(run.checkpoint, run.bundle)
    manifest = done or export(run.checkpoint, run.bundle, steps)
    served = bundle_of(given)
    if served is None:
        served = run.base_bundle
        if not (served / BUNDLE_MANIFEST).is_file():
            write_bundle(base.folder, served, steps=steps)
    return served, manifest


def _prove(
    base: Base,
    served: Path,
    manifest: BundleManifest,
    material: Material,
    data: TrainingData,
    options: FinetuneOptions,
    key: str,
    run: RunFolder,
    console: Console,
    told: ProgressFile,
) -> Proof:
    """Measure before and after, and write report, card and page."""
    rounds, asked, overlap = rounds_of(material, options, run.path)
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("filling held-out holes", total=asked)

        def answered() -> None:
            progress.advance(bar)
            told.tell("prove", progress.tasks[bar].percentage / 100)

        kind = "commits" if material.by_commit else "files"
        log = AnswerLog(run.answers, f"{key} {manifest.files[MODEL_NAME].sha256}")
        proof, questions = prove(served, run.bundle, rounds, kind, answered, log)
    told.tell("audit")
    with console.status("measuring what was forgotten and what is given away"):
        strings = rare_strings(data.learned)
        audit = Audit(
            exposure(base, base.folder, key),
            exposure(base, run.checkpoint, key),
            len(strings),
            count_recalled(served, strings),
            count_recalled(run.bundle, strings),
            secrets_in(questions),
        )
        forgetting = {
            side: bits_per_byte(base, folder, data.generic) if len(data.generic) else None
            for side, folder in (("before", base.folder), ("after", run.checkpoint))
        }
    facts: dict[str, Any] = {
        "run": key,
        "proof": proof.to_json(),
        "audit": audit.to_json(),
        "forgetting": forgetting,
        "overlap": overlap,
        "curation": read_manifest(run.corpus).funnel,
        "dropped_as_improbable": [f"{d.repo}/{d.path}" for d in data.improbable],
        "training": read_checkpoint_manifest(run.checkpoint).training,
    }
    card = report.model_card(read_checkpoint_manifest(run.checkpoint), facts, proof)
    # The examples are lines of the repository: they stay here, whatever is pushed.
    measured = {name: value for name, value in facts["proof"].items() if name != "examples"}
    describe(run.checkpoint, run.bundle, manifest, card, measured)
    write_page(run, facts, proof)
    write_json(run.report, facts)  # the last: with it the proof is done
    console.print(report.overlap_text(overlap), highlight=False)
    return proof


def _key(options: FinetuneOptions, base: Base, material: Material) -> str:
    """Identity of a run: the options that shape it, the base, and what is learned, replayed and
    held out."""
    sides = [
        [(d.repo, d.path, d.text_sha256) for d in side]
        for side in (material.learned, material.heldout)
    ]
    cuts = [source.cut.revision for source in material.sources if source.cut is not None]
    replayed = manifest_hash(options.base_corpus) if options.base_corpus is not None else None
    return hashlib.sha256(
        json.dumps([_chosen(options), base.identity(), sides, cuts, replayed]).encode()
    ).hexdigest()


def _chosen(options: FinetuneOptions) -> dict[str, Any]:
    """The options that shape the model: no paths of this machine, nothing of how it was run."""
    return {k: v for k, v in asdict(options).items() if k not in _FREE_OPTIONS}


def _write_checkpoint(
    name: str,
    base: Base,
    options: FinetuneOptions,
    material: Material,
    data: TrainingData,
    training: Training,
    recipe: Recipe,
    run: RunFolder,
) -> None:
    """Write the Hugging Face folder, whole or not at all."""
    redactions: Counter[str] = Counter()
    for document in data.learned:
        redactions.update(secret_counts(document))
    facts = {
        "base": base.manifest.name,
        "base_license": license_of(base.folder),
        "base_training": base.manifest.training,
        "repositories": [source.name for source in material.sources],
        "repository_corpus": manifest_hash(run.corpus),
        "options": _chosen(options),
        "method": recipe.method.value,
        "steps": training.steps,
        "hours": training.seconds / 3600,
        "loss": training.loss,
        "heldout_loss": training.heldout_loss,
        "revisions": {s.name: s.cut.revision for s in material.sources if s.cut is not None},
        "train_documents": len(data.learned),
        "aside_documents": len(material.learned) - len(data.learned) - len(data.improbable),
        "past_changes": data.past,
        "heldout_commits": sum(len(s.cut.commits) for s in material.sources if s.cut is not None),
        "heldout_documents": len(material.heldout),
        "redactions": sum(redactions.values()),
        "redaction_kinds": dict(redactions.most_common()),
        "licenses": dict(Counter(d.license or "none found" for d in data.learned).most_common()),
    }
    # `corpus` stays the base's: it names the index that suggestions are looked up in, and one's
    # own code needs no attribution.
    manifest = replace(base.manifest, name=name, training=facts)
    try:
        with atomic_folder(run.checkpoint) as building:
            whole = save_trained(training.model, recipe.method, base.folder, building)
            whole.save_pretrained(building)
            base.write_tokenizer(building)
            write_checkpoint_manifest(building, manifest)
    except OSError as error:
        raise InklingError(
            f"The tuned model can't be written: {error.strerror or error}.",
            "Free some space there and run the same command again.",
        ) from error
