"""The run: list, filter, find duplicates, write; each step under one of datatrove's executors.

Intermediate results live below the work folder (`work_folder.py`) under a key that hashes the
listing, the options, the version of every stage and the number of tasks. An interrupted run goes on
where it stopped; a run over changed input or with other options starts anew, but takes what costly
stages made of the same contents from runs that finished (`reuse.py`). (datatrove's completion
markers know only a task's number, so they must not outlive the input they were made from, nor its
division into tasks.)
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import sys
from dataclasses import asdict, dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as parquet
from rich.console import Console

from curation import corpus, near_dedup, shards
from curation.counts import count_documents
from curation.executors import Machines, run_tasks
from curation.funnel import FunnelRow, as_json, build_funnel, funnel_table
from curation.heldout import choose_heldout
from curation.options import CurationOptions, list_sources, list_spooled
from curation.progress import counted, progress_bar, standard_error_to
from curation.reuse import ReusableStages, count_anew, shards_for
from curation.sources.names import as_text, place_name
from curation.stages import containment, dedup, opt_out
from curation.stages.bands import BANDS
from curation.stages.clusters import clusters
from curation.stages.signature import SIGNATURE_KEY
from curation.work_folder import RESULTS, WorkFolder, remove_leftovers
from inkling.atomic import atomic_folder, write_json
from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path

    from datatrove.pipeline.base import PipelineStep

    from curation.sources.source_file import SourceFile
    from curation.stages.stage import Drop, Stage

_FILES_A_TASK = 500
_FILES_A_WORKER = 500


def run_curation(
    options: CurationOptions, out: Path, work: Path, machines: Machines, console: Console
) -> corpus.CorpusManifest:
    """Curate into the folder `out`, which is replaced only when the new corpus is complete.

    Args:
        work: folder for intermediate results; what stages made of contents stays in it.
        machines: what runs the tasks.

    Raises:
        InklingError: `out` holds something else, the sources hold no file or too few packages to
            hold out, or not one file was kept. What stood at `out` stays.
    """
    out = out.expanduser().resolve()
    check_replaceable(out)
    place = WorkFolder.of(work, out)
    sources = chain(list_sources(options), list_spooled(options, place.spool))
    listed = counted(console, "listing files", sources)
    listing = sorted(listed, key=lambda file: (file.repo, file.path, file.location))
    if not listing:
        raise InklingError(
            "The sources hold no file.", "Name a folder with source code, or --environment."
        )
    # A worker takes seconds to start, in which another one filters some hundred files.
    if machines.kind == "local":
        enough = 1 + len(listing) // _FILES_A_WORKER
        machines = replace(machines, workers=min(machines.workers, enough))
    stages = options.stages()
    stage_versions = {stage.name: stage.version for stage in stages}
    stage_versions |= {dedup.EXACT_NAME: dedup.DEDUP_VERSION, dedup.NEAR_NAME: dedup.DEDUP_VERSION}
    stage_versions |= {containment.NAME: containment.VERSION}
    tasks = shards_for(len(listing), machines.workers, _FILES_A_TASK)
    key = _key(options, listing, stage_versions, tasks)
    run = _Run(options, stages, listing, place.run(key), place.memory, tasks, machines, console)
    run.filter_files()
    run.find_duplicates()
    with atomic_folder(out) as building:
        run.write_corpus(building)
        manifest = run.manifest(building, stage_versions)
        console.print(funnel_table(manifest.funnel))
        if not manifest.documents:
            place.finish(key)
            raise InklingError(
                f"{_none_of(len(listing))}, so there is no corpus to write.",
                _what_to_do(out, manifest.funnel),
            )
        write_json(building / corpus.MANIFEST_NAME, manifest.to_json())
    place.finish(key)
    remove_leftovers(out)
    return manifest


def check_replaceable(out: Path) -> None:
    """Refuse a place whose content a new corpus would wipe out, unless that is a corpus too.

    Raises:
        InklingError: `out` is a file, or a folder that holds something else.
    """
    if out.exists() and not out.is_dir():
        raise InklingError(f"{out} is a file, not a folder.", "Name a folder for the corpus.")
    if out.is_dir() and any(out.iterdir()) and not (out / corpus.MANIFEST_NAME).is_file():
        raise InklingError(
            f"The folder {out} holds something else than a corpus.",
            "Name a new or an empty folder for the corpus.",
        )


def _what_to_do(out: Path, funnel: list[dict[str, Any]]) -> str:
    opted_out = any(row["stage"] == opt_out.NAME and row["files_dropped"] for row in funnel)
    if opted_out and (out / corpus.MANIFEST_NAME).is_file():
        return (
            "The corpus of before keeps its documents; take what the list names out of it with: "
            f"python -m curation opt-out apply {shlex.quote(str(out))}."
        )
    return "Name other sources, or change the option behind the reasons in the table above."


def _none_of(files: int) -> str:
    return "The only file was not kept" if files == 1 else f"None of the {files:,} files was kept"


def _key(
    options: CurationOptions, listing: list[SourceFile], versions: dict[str, str], tasks: int
) -> str:
    value = [asdict(options), [asdict(file) for file in listing], versions, tasks]
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _Run:
    """One run's inputs and its work folder; each method is one step, done once and kept."""

    options: CurationOptions
    stages: list[Stage]
    listing: list[SourceFile]
    work: Path
    memory: Path
    tasks: int
    machines: Machines
    console: Console

    @property
    def filtered(self) -> Path:
        return self.work / "filtered"

    @property
    def duplicates(self) -> Path:
        return self.work / "duplicates.json"

    @property
    def results(self) -> Path:
        return self.work / RESULTS

    def filter_files(self) -> None:
        self.work.mkdir(parents=True, exist_ok=True)
        sizes: dict[str, int] = {}
        for file in self.listing:
            sizes[file.repo] = sizes.get(file.repo, 0) + file.bytes
        heldout = choose_heldout(sizes, self.options.heldout)
        listing = self.work / "listing.jsonl"
        listing.write_text(
            "".join(json.dumps(asdict(file)) + "\n" for file in self.listing), encoding="utf-8"
        )
        anew = self.work / "anew"
        steps = [
            shards.FileReader(listing, heldout),
            ReusableStages(self.stages, self.memory, self.results, anew, self.options.opt_out),
            shards.ShardWriter(self.filtered, self.work / "progress-filter"),
        ]
        self._execute("filter", steps)
        if self.memory.is_dir():
            total = f"{len(self.listing):,} files"
            self.console.print(f"{count_anew(anew):,} of {total} had to be judged anew.")

    def find_duplicates(self) -> None:
        if self.duplicates.exists():
            return
        folder = self.work / "near-dedup"
        merger = near_dedup.BandMerger(folder, self.tasks, self.options.near_threshold)
        with self.console.status("near-dedup: comparing signatures"):
            self._execute_silently(
                "bands", [near_dedup.BandWriter(self.filtered, folder)], self.tasks
            )
            self._execute_silently("links", [merger], BANDS)
            found = self._judge_clusters(clusters(near_dedup.read_links(folder)))
        with self.console.status("looking for held-out code in training files"):
            found |= self._find_contained(found)
        rows = [
            [*key, stage, drop.reason, drop.detail] for key, (stage, drop) in sorted(found.items())
        ]
        write_json(self.duplicates, rows)

    def _find_contained(
        self, dropped: Container[tuple[int, int]]
    ) -> dict[tuple[int, int], tuple[str, Drop]]:
        columns = ["repo", "split", "text"]
        heldout = containment.heldout_shingles(
            row["text"]
            for key, row in self._kept_rows(columns)
            if row["split"] == corpus.HELDOUT and key not in dropped
        )
        if not len(heldout):
            return {}
        overlaps = {
            key: containment.overlap(row["repo"], row["text"], heldout)
            for key, row in self._kept_rows(columns)
            if row["split"] != corpus.HELDOUT and key not in dropped
        }
        return containment.find_contained(overlaps, len(heldout))

    def write_corpus(self, building: Path) -> None:
        # The target folder is new in every attempt, so this step's markers must be as well.
        for stale in ("logs-write", "progress-write"):
            shutil.rmtree(self.work / stale, ignore_errors=True)
        writer = shards.CorpusWriter(
            self.filtered,
            self.duplicates,
            building / corpus.DOCUMENTS_FOLDER,
            building / corpus.DROPPED_FOLDER,
            self.work / "progress-write",
        )
        self._execute("write", [writer])

    def manifest(self, building: Path, stage_versions: dict[str, str]) -> corpus.CorpusManifest:
        counts = count_documents(building)
        return corpus.CorpusManifest(
            sources=self._describe_sources(),
            stages=stage_versions,
            funnel=as_json(self._funnel(building, list(stage_versions))),
            documents=counts.documents,
            bytes=counts.bytes,
            packages=counts.packages,
            opt_out={
                "list_sha256": self.options.opt_out.sha256,
                "entries": len(self.options.opt_out.entries),
            },
            options=self.options.as_record(),
        )

    def _describe_sources(self) -> list[dict[str, object]]:
        sources: list[dict[str, object]] = []
        if self.options.environment:
            sources.append({"kind": "environment", "python": sys.version.split()[0]})
        if self.options.standard_library:
            sources.append({"kind": "standard library", "python": sys.version.split()[0]})
        names = self.options.repository_names()
        sources += [
            {"kind": kind, "name": place_name(place, names[place])}
            for kind, places in (
                ("folder", self.options.folders),
                ("commits", self.options.commits),
            )
            for place in places
        ]
        sources += [
            {"kind": "discussions", "name": as_text(f.resolve().name)}
            for f in self.options.discussions
        ]
        sources += [{"kind": "dataset", "name": place} for place in self.options.datasets]
        return sources

    def _funnel(self, building: Path, stages: list[str]) -> list[FunnelRow]:
        columns = ["stage", "reason", "bytes"]
        drops = (
            (row["stage"], row["reason"], row["bytes"])
            for shard in sorted((building / corpus.DROPPED_FOLDER).glob("*.parquet"))
            for row in parquet.read_table(shard, columns=columns).to_pylist()
        )
        return build_funnel(
            stages, len(self.listing), sum(file.bytes for file in self.listing), drops
        )

    def _kept_rows(self, columns: list[str]) -> Iterator[tuple[tuple[int, int], dict[str, Any]]]:
        """(shard, row) and the columns of each document that the filters kept."""
        for rank in range(self.tasks):
            shard = parquet.ParquetFile(self.filtered / f"{rank:05d}.parquet")
            number = 0
            for batch in shard.iter_batches(columns=[*columns, "drop_stage"]):
                for row in batch.to_pylist():
                    if row["drop_stage"] is None:
                        yield (rank, number), row
                    number += 1

    def _judge_clusters(self, found: list[list[int]]) -> dict[tuple[int, int], tuple[str, Drop]]:
        """What of each cluster goes. Only its members are read again, not the whole corpus."""
        cluster_of = {
            near_dedup.place_of(number): index
            for index, members in enumerate(found)
            for number in members
        }
        members: list[list[dedup.Candidate]] = [[] for _ in found]
        columns = ["repo", "path", "split", "text", "text_sha256", "committed_at", "stars",
                   "license", "own", SIGNATURE_KEY]  # fmt: skip
        for key, row in self._kept_rows(columns):
            if key in cluster_of:
                members[cluster_of[key]].append(_candidate(key, row))
        dropped: dict[tuple[int, int], tuple[str, Drop]] = {}
        for cluster in members:
            dropped |= dedup.judge_cluster(cluster)
        return dropped

    def _execute_silently(self, title: str, steps: list[PipelineStep], tasks: int) -> None:
        with standard_error_to(self.work / f"{title}.log"):
            run_tasks(self.machines, title, steps, tasks, self.work)

    def _execute(self, title: str, steps: list[PipelineStep]) -> None:
        log = self.work / f"{title}.log"
        terminal = Console(file=os.fdopen(os.dup(2), "w"), stderr=False)
        try:
            with (
                progress_bar(terminal, title, len(self.listing), self.work / f"progress-{title}"),
                standard_error_to(log),
            ):
                run_tasks(self.machines, title, steps, self.tasks, self.work)
        finally:
            terminal.file.close()


def _candidate(key: tuple[int, int], row: dict[str, Any]) -> dedup.Candidate:
    return dedup.Candidate(
        key,
        row["repo"],
        row["path"],
        row["split"],
        row["text_sha256"],
        len(row["text"]),
        row["committed_at"],
        row[SIGNATURE_KEY],
        row["stars"],
        row["license"],
        row["own"],
    )
