"""The flags that say which rules judge a file: one set for `run`, `why` and `inspect`.

So `why` and `inspect` answer for the run that is given the same flags, and none can lack one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003  # tyro reads the annotations at run time
from typing import TYPE_CHECKING, Any, Literal

from curation.quality.cards import all_cards
from inkling.errors import InklingError
from inkling.languages import BY_NAME
from inkling.optout import read_list

if TYPE_CHECKING:
    from collections.abc import Collection

    from curation.options import CurationOptions


@dataclass(frozen=True, kw_only=True)
class RuleFlags:
    """Base of the commands that judge files."""

    languages: tuple[str, ...] = ("python",)
    """Languages to keep; 'all' keeps every known one."""
    notebooks: Literal["skip", "structured", "script"] = "skip"
    """What to make of Jupyter notebooks: nothing, cells with outputs, or scripts."""
    own_code: bool = False
    """The folders are your own: keep their files whatever their licence, and prefer them."""
    license_policy: Literal["permissive", "copyleft", "any"] = "permissive"
    """What else to keep: permissive licences, those and copyleft, or everything."""
    opt_out: Path | None = None
    """The opt-out list (default: opt-out.txt under INKLING_HOME, if there is one)."""
    drop_vendored: bool = False
    """Drop copies of others' code (node_modules, _vendor, jquery.js …)."""
    clean: bool = False
    """Remove licence headers and commented-out code, line by line."""
    redact: bool = True
    """Replace secrets, e-mail and IP addresses."""
    pii: str | None = None
    """Find names as well, by a token classifier: 'shipped', or a folder with one in ONNX."""
    perplexity: Path | None = None
    """Drop what this model finds too surprising; 'python -m curation perplexity' makes one."""
    most_bits: float | None = None
    """With --perplexity: the most bits a byte that a file may take (default: 4)."""
    cards: tuple[str, ...] = ()
    """Quality cards to use besides the default ones; 'cards' lists all."""
    without_cards: tuple[str, ...] = ()
    """Quality cards to leave out."""
    benchmarks: tuple[str, ...] = ()
    """Benchmarks (files, folders, or addresses such as hf://…) whose text to keep out."""

    @property
    def chosen_languages(self) -> tuple[str, ...]:
        """Names of languages, in lower case as the table has them; none for all."""
        names = tuple(name.lower() for name in self.languages)
        return () if names == ("all",) else names

    def check_rules(self) -> None:
        """Refuse what can't be meant.

        Raises:
            InklingError: an unknown name, a value out of its range, or flags that don't fit.
        """
        _check_names("language", self.chosen_languages, BY_NAME)
        cards = sorted(card.name for card in all_cards())
        _check_names("quality card", (*self.cards, *self.without_cards), cards)
        if self.most_bits is not None and self.perplexity is None:
            raise InklingError(
                "The most bits a byte are for a model of --perplexity, but none is named.",
                "Add --perplexity MODEL, or leave out --most-bits.",
            )
        if self.most_bits is not None and self.most_bits <= 0:
            raise InklingError(f"Files may take {self.most_bits} bits a byte.", "Choose 4, say.")
        if self.pii is not None and not self.redact:
            raise InklingError(
                "A token classifier finds what to redact, but nothing is to be redacted.",
                "Leave out --pii or --no-redact.",
            )

    def curation_options(self, **others: Any) -> CurationOptions:
        """What to curate by these rules.

        Args:
            others: fields of `CurationOptions` that aren't rules for single files.
        """
        from curation.options import CurationOptions

        return CurationOptions(
            languages=self.chosen_languages,
            notebooks=self.notebooks,
            own_folders=self.own_code,
            policy=self.license_policy,
            opt_out=read_list(self.opt_out),
            drop_vendored=self.drop_vendored,
            clean=self.clean,
            redact=self.redact,
            pii=self.pii,
            perplexity=self.perplexity,
            **({} if self.most_bits is None else {"most_bits": self.most_bits}),
            cards=self.cards,
            without_cards=self.without_cards,
            benchmarks=self.benchmarks,
            **others,
        )


def _check_names(kind: str, names: tuple[str, ...], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise InklingError(f"There is no {kind} '{name}'.", f"Known are: {', '.join(known)}.")
