"""Quality cards: bounds at their edge, precision on labelled samples, and the table's own form."""

from __future__ import annotations

import base64
import random
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from curation.cli import Cards
from curation.formats.commit import MAX_CHARACTERS
from curation.quality.cards import (
    Bounds,
    all_cards,
    choose_cards,
    default_cards,
    find,
    findings,
    first_broken,
)
from curation.quality.limits import all_limits, greatest
from curation.quality.signals import SIGNALS, Source
from curation.quality.syntax import grammar_parser
from curation.stages.origin import minified
from curation.stages.readable import MAX_BYTES
from inkling.languages import BY_NAME

LINE = "value = compute(other)\n"
BODY = "".join(f"value_{n} = compute(other_{n})\n" for n in range(10))
BASE64 = base64.b64encode(random.Random(1).randbytes(3200)).decode()
WRITTEN = "what else\n" * 180
FORMATS = {"discussion", "notebook", "commit"}
CARDS = {card.name: card for card in all_cards()}


def broken(text: str, name: str, language: str = "python", stars: int | None = None) -> bool:
    """Whether a text breaks one card, whatever the others say."""
    finding = find(Source(text, language, stars), CARDS[name])
    assert finding is not None, f"{name} has nothing to say"
    return not finding.passed


# --- the table -------------------------------------------------------------------------------


@pytest.mark.parametrize("card", all_cards(), ids=lambda card: card.name)
def test_a_card_is_complete(card: Any) -> None:
    assert card.signal in SIGNALS
    assert card.bounds != Bounds()
    assert card.source
    assert card.why.endswith(".")
    assert set(card.languages) | set(card.by_language) <= set(BY_NAME) | FORMATS
    if not card.default:
        assert card.why.startswith("Off")


def test_names_are_unique_and_the_table_covers_twenty_languages() -> None:
    assert len(CARDS) == len(all_cards())
    special = {name for card in all_cards() for name in (*card.languages, *card.by_language)}
    assert len(special) >= 18
    for language in BY_NAME:  # and every other language gets the default bounds
        assert findings(Source(BODY, language), default_cards())


def test_stars_and_comments_are_off_unless_asked_for() -> None:
    off = {card.name for card in all_cards()} - {card.name for card in default_cards()}
    assert {"stars", "comments"} <= off
    assert {"stars", "comments"} <= {card.name for card in choose_cards(also=("stars", "comments"))}
    assert "long_line" not in {card.name for card in choose_cards(without=("long_line",))}
    with pytest.raises(KeyError, match="nonsense"):
        choose_cards(also=("nonsense",))


# --- limits of other stages ------------------------------------------------------------------


@pytest.mark.parametrize("row", all_limits(), ids=lambda row: row.name)
def test_a_limit_is_complete_and_listed(row: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert row.bounds != Bounds()
    assert row.source
    assert row.why.endswith(".")
    assert 0 <= row.kept < 1
    assert Cards().run() == 0
    assert f"{row.name} ({row.stage}): {row.measure} {row.bounds}" in capsys.readouterr().out


def test_the_stages_hold_to_the_table() -> None:
    assert greatest("too_large") == MAX_BYTES
    assert greatest("large_file") == MAX_CHARACTERS
    bound = greatest("minified")
    line = "x" * (bound - 1) + "\n"
    assert minified("a.js", line * 9 + "x" * bound, "javascript") is None
    assert minified("a.js", line * 9 + "x" * (bound + 11), "javascript") is not None
    with pytest.raises(KeyError):
        greatest("odd_one")


# --- precision on labelled samples -----------------------------------------------------------


@dataclass(frozen=True)
class Sample:
    card: str
    verdict: str
    source: Source


def read_samples() -> list[Sample]:
    folder = Path(__file__).parent / "quality_samples"
    rows = [
        row
        for path in sorted(folder.glob("*.toml"))
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["sample"]
    ]
    return [
        Sample(
            row["card"],
            row["verdict"],
            Source(
                row.get("head", "") + row["body"] * row.get("times", 1) + row.get("tail", ""),
                row["language"],
                row.get("stars"),
            ),
        )
        for row in rows
    ]


SAMPLES = read_samples()
LEAST_PRECISION = {
    "comments": 0.55,
    "few_lines": 0.3,
    "few_words": 0.4,
    "asserts": 0.6,
    "repeated_words": 0.85,
}
"""Of cards that are off, over all samples: they drop what is worth keeping, which is why."""


def needs_grammar(sample: Sample) -> bool:
    """Whether a sample can't be judged here, as its language's parser isn't installed."""
    return sample.card == "syntax_errors" and grammar_parser(sample.source.language) is None


@pytest.mark.parametrize("card", all_cards(), ids=lambda card: card.name)
def test_all_that_a_card_drops_is_not_worth_keeping(card: Any) -> None:
    """Precision over the whole pool, so a card answers for other cards' samples as well."""
    if all(needs_grammar(sample) for sample in SAMPLES if sample.card == card.name):
        pytest.skip("no grammar is installed")
    found = [(sample, find(sample.source, card)) for sample in SAMPLES]
    dropped = [sample for sample, finding in found if finding is not None and not finding.passed]
    assert dropped
    kept = [sample for sample in dropped if sample.verdict == "keep"]
    precision = 1 - len(kept) / len(dropped)
    assert precision >= LEAST_PRECISION.get(card.name, 1.0), kept


@pytest.mark.parametrize(
    "number", range(len(SAMPLES)), ids=lambda n: f"{SAMPLES[n].card}-{SAMPLES[n].verdict}-{n}"
)
def test_a_card_sees_what_it_is_for(number: int) -> None:
    sample = SAMPLES[number]
    if needs_grammar(sample):
        pytest.skip(f"no grammar for {sample.source.language} is installed")
    finding = find(sample.source, CARDS[sample.card])
    assert finding is None or finding.passed == (sample.verdict == "keep"), finding
    assert finding is not None or sample.verdict == "keep"


@pytest.mark.parametrize("verdict", ["drop", "keep"])
@pytest.mark.parametrize("card", all_cards(), ids=lambda card: card.name)
def test_every_card_has_three_samples_of_each_verdict(card: Any, verdict: str) -> None:
    own = [s for s in SAMPLES if (s.card, s.verdict) == (card.name, verdict)]
    looked_at = {s.source.text for s in own if needs_grammar(s) or find(s.source, card) is not None}
    assert len(looked_at) >= 3


def test_only_what_is_off_may_drop_what_is_worth_keeping() -> None:
    assert not LEAST_PRECISION.keys() & {card.name for card in default_cards()}


# --- bounds at their edge --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "within", "beyond"),
    [
        ("too_short", "x" * 50, "x" * 49),
        ("too_many_lines", "abc\n" * 100_000, "abc\n" * 100_001),
        ("long_line", "x" * 1200 + "\n" + WRITTEN, "x" * 1201 + "\n" + WRITTEN),
        ("long_line", "x" * 1000 + "\n", "x" * 1001 + "\n"),
        ("long_lines", "what " * 20 + "\n" + "else " * 20, "what " * 20 + "\n" + "else " * 21),
        ("few_alphanumeric", "a" * 25 + "-" * 75, "a" * 24 + "-" * 76),
        ("mostly_digits", "a" * 45 + "1" * 55, "a" * 44 + "1" * 56),
        ("encoded_data", f'x = "{BASE64[:4096]}"\n', f'x = "{BASE64[:4097]}"\n'),
        ("mostly_encoded", f"{BASE64[:100]}\n{'word ' * 20}", f"{BASE64[:100]}\n{'word ' * 19}"),
        ("repeated_lines", LINE * 63 + BODY, LINE * 64 + BODY),
        ("todo", "# TODO\n" + "x = 1\n" * 4, "# TODO\n" + "x = 1\n" * 3),
        ("asserts", "assert x\n" * 2 + "y\n" * 3, "assert x\n" * 3 + "y\n" * 4),
        ("hex_words", "12ab word " * 2 + "word ", "12ab word " * 2),
        ("comments", "# " + "c" * 78 + "\n" + "x" * 19, "# " + "c" * 79 + "\n" + "x" * 18),
        ("syntax_error", "x = 1\n", "x = = 1\n"),
    ],
)
def test_each_bound_at_its_edge(name: str, within: str, beyond: str) -> None:
    assert not broken(within, name)
    assert broken(beyond, name)


def test_stars_count_where_they_are_known() -> None:
    assert broken(BODY, "stars", stars=4)
    assert not broken(BODY, "stars", stars=5)
    assert find(Source(BODY, "python"), CARDS["stars"]) is None


@pytest.mark.parametrize(
    "run", [BASE64[:100], "0x1f,0x2e," * 10, r"\x00\x1f" * 10, r"\u00e9\u1234" * 10]
)
def test_encoded_data_in_each_of_its_shapes(run: str) -> None:
    assert broken(f"{run}\n" * 4, "mostly_encoded")


def test_a_language_has_bounds_of_its_own() -> None:
    text = "word " * 300
    assert broken(text, "long_line", "python")
    assert find(Source(text, "markdown"), CARDS["long_line"]) is None
    digits = "a" * 65 + "1" * 35
    assert broken(digits, "mostly_digits", "css")
    assert not broken(digits, "mostly_digits", "python")


@pytest.mark.parametrize("text", ["x" * 200_000, "(" * 100_000, "\x00", "", "\n\n", '"""' * 1001])
@pytest.mark.parametrize("language", ["python", "json", "toml", "html", "go", "unheard"])
def test_no_text_breaks_a_signal(text: str, language: str) -> None:
    findings(Source(text, language), all_cards())


def test_comments_are_no_part_of_a_configurations_size() -> None:
    explained = "".join(
        f"# What the key number {n} is good for.\nkey{n}: {n}\n" for n in range(120)
    )
    assert len(explained) > 5_000
    assert not broken(explained, "config_size", "yaml")
    assert broken(explained.replace("#", "x:"), "config_size", "yaml")


def test_what_a_parser_understands_inside_of_an_error_is_no_error() -> None:
    pytest.importorskip("tree_sitter_c")
    functions = "".join(f"int f{n}(int a)\n{{\n    return a + {n};\n}}\n\n" for n in range(20))
    assert not broken(f"API_BEGIN(x, {{\n{functions}", "syntax_errors", "c")
    assert broken("It's a manual: don't compile it.\n" * 30, "syntax_errors", "c")


def test_the_detail_names_signal_value_bounds_and_line() -> None:
    finding = first_broken(Source(BODY + "x" * 1001, "python"), default_cards())
    assert finding is not None
    assert finding.card.name == "long_line"
    assert finding.detail == "long_line_share is 0.7876, at most 0.4 passes, line 11"
