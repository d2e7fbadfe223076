"""What a run curates and how: the options, the sources they name and the stages in their order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from curation.benchmarks import read_benchmark
from curation.heldout import HeldoutRule
from curation.pii.classifier import classifier_hash, folder_of
from curation.sources.commits import list_commits
from curation.sources.environment import list_environment, list_standard_library
from curation.sources.events import list_discussions
from curation.sources.folder import as_text, list_folder
from curation.sources.lock import read_lock
from curation.sources.names import repository_names
from curation.sources.spool import Spool
from curation.sources.stack import list_stack
from curation.stages.cleaning import CleaningStage
from curation.stages.decontamination import BenchmarkIndex, DecontaminationFilter, build_index
from curation.stages.language import LanguageFilter
from curation.stages.license import LicenseFilter, Policy
from curation.stages.notebook import NotebookStage
from curation.stages.opt_out import OptOutFilter
from curation.stages.origin import OriginFilter
from curation.stages.perplexity import PerplexityFilter
from curation.stages.quality import QualityFilter
from curation.stages.readable import Readable
from curation.stages.secrets import SecretsFilter
from curation.stages.signature import Signature
from inkling.atomic import sha256_file
from inkling.optout import OptOutList

if TYPE_CHECKING:
    from collections.abc import Iterator

    from curation.sources.source_file import SourceFile
    from curation.stages.stage import Stage


@dataclass(frozen=True)
class CurationOptions:
    """What to curate, and how.

    Attributes:
        environment: read the packages installed in this Python environment.
        lock: with `environment`, just the packages of this lock file, in these versions.
        standard_library: read this Python's standard library.
        folders: folders or git checkouts to read.
        own_folders: the folders are the user's own code, which every licence policy allows.
        commits: git checkouts whose history to read, a document for each change of a file.
        datasets: files or addresses in The Stack's column layout.
        discussions: GH Archive-style files of events, for issues and pull requests.
        notebooks: what to make of Jupyter notebooks.
        languages: names of languages to keep; empty keeps all known ones.
        policy: which licences to keep.
        opt_out: what must not be in the corpus.
        benchmarks: files or addresses of benchmarks whose text must not be in the corpus.
        near_threshold: estimated Jaccard similarity from which two files are near-duplicates.
        heldout: how many whole packages, of how many bytes, to hold out.
        drop_vendored: drop copies of others' code, known by their folders and names.
        clean: remove licence headers and commented-out code.
        redact: replace secrets, e-mail and IP addresses.
        pii: with `redact`, the token classifier that finds names too: a folder, or `shipped`.
        perplexity: a language model of bytes, whose most surprising files to drop.
        most_bits: with `perplexity`, the most bits a byte that a file may take.
        cards, without_cards: quality cards to add to the default ones, and to leave out.
    """

    environment: bool = False
    lock: Path | None = None
    standard_library: bool = False
    folders: tuple[Path, ...] = ()
    own_folders: bool = False
    commits: tuple[Path, ...] = ()
    datasets: tuple[str, ...] = ()
    discussions: tuple[Path, ...] = ()
    notebooks: Literal["skip", "structured", "script"] = "skip"
    languages: tuple[str, ...] = ("python",)
    policy: Policy = "permissive"
    opt_out: OptOutList = OptOutList()  # noqa: RUF009  # frozen
    benchmarks: tuple[str, ...] = ()
    near_threshold: float = 0.7
    heldout: HeldoutRule = HeldoutRule()  # noqa: RUF009  # frozen
    drop_vendored: bool = False
    clean: bool = False
    redact: bool = True
    pii: str | None = None
    perplexity: Path | None = None
    most_bits: float = 4.0
    cards: tuple[str, ...] = ()
    without_cards: tuple[str, ...] = ()

    def stages(self) -> list[Stage]:
        """All steps between reading and dedup, in their order."""
        return [*self.judging_stages(), Signature()]

    def judging_stages(self) -> list[Stage]:
        """The stages that judge or change a single document, in their order."""
        return [
            OptOutFilter(self.opt_out),
            Readable(),
            *self._notebook_stage(),
            LanguageFilter(self.languages),
            LicenseFilter(self.policy),
            OriginFilter(self.drop_vendored),
            QualityFilter(self.cards, self.without_cards),
            *([DecontaminationFilter(self._benchmark_index())] if self.benchmarks else []),
            *([PerplexityFilter(self.perplexity, self.most_bits)] if self.perplexity else []),
            *([CleaningStage()] if self.clean else []),
            *([SecretsFilter(self.pii_folder)] if self.redact else []),
        ]

    def _notebook_stage(self) -> list[Stage]:
        if self.notebooks == "skip":
            return []
        return [NotebookStage(self.notebooks, self.languages)]

    def as_record(self) -> dict[str, Any]:
        """The options that shape a corpus, for its manifest; sources and opt-outs stand there.

        Files go by their names, not by where they lie; models by their content as well.
        """
        return {
            "license_policy": self.policy,
            "own_code": self.own_folders,
            "languages": list(self.languages) or "all",
            "notebooks": self.notebooks,
            "lock": self.lock and self.lock.name,
            "drop_vendored": self.drop_vendored,
            "clean": self.clean,
            "redact": self.redact,
            "pii": self.pii and f"{_name(self.pii)} {classifier_hash(folder_of(self.pii))[:12]}",
            "perplexity": self.perplexity
            and f"{self.perplexity.name} {sha256_file(self.perplexity)[:12]}",
            "most_bits": self.most_bits if self.perplexity else None,
            "cards": list(self.cards),
            "without_cards": list(self.without_cards),
            "benchmarks": [_name(place) for place in self.benchmarks],
            "near_threshold": self.near_threshold,
            "heldout_packages": self.heldout.packages,
            "heldout_bytes": self.heldout.bytes,
        }

    @property
    def pii_folder(self) -> Path | None:
        return None if self.pii is None else folder_of(self.pii)

    def repository_names(self) -> dict[Path, str]:
        """What the repositories of the folders and of the commits are called."""
        return repository_names((*self.folders, *self.commits))

    def _benchmark_index(self) -> BenchmarkIndex:
        return build_index(chain.from_iterable(map(read_benchmark, self.benchmarks)))


def _name(place: str) -> str:
    """An address as it is, without a user's words in it; of a path its last part."""
    return place.partition("?")[0] if "://" in place else as_text(Path(place).resolve().name)


def list_sources(options: CurationOptions) -> Iterator[SourceFile]:
    """Every file of every source that the options name and that is made of files."""
    if options.environment:
        yield from list_environment(read_lock(options.lock) if options.lock else None)
    if options.standard_library:
        yield from list_standard_library()
    names, listed = options.repository_names(), set()
    for folder in options.folders:
        for file in list_folder(folder, options.own_folders, names[folder]):
            if file.location not in listed:  # a folder may lie in another one
                listed.add(file.location)
                yield file


def list_spooled(options: CurationOptions, folder: Path) -> Iterator[SourceFile]:
    """Every document of the sources that aren't files; they are laid down below `folder`."""
    spool, names = Spool(folder), options.repository_names()
    for root in options.commits:
        yield from list_commits(root, spool, options.own_folders, names[root])
    for place in options.datasets:
        yield from list_stack(place, spool)
    if options.discussions:
        yield from list_discussions(options.discussions, spool)
