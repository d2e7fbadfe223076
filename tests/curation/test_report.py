"""`report` and `repositories`: what is told of a corpus, and written of it."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from curation.cli import main
from curation.corpus import read_documents, read_manifest
from curation.data_card import data_card, write_report
from curation.formats.repository import read_repository
from curation.formats.sentinels import split
from curation.options import CurationOptions
from inkling.errors import EXIT_BAD_INPUT
from tests.curation.trees import MIT_TEXT, git, git_checkout, module_text, write_tree

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("wide_terminal")


def test_the_data_card_repeats_the_manifest(corpus: Path, tmp_path: Path) -> None:
    assert main(["report", str(corpus), "--out", str(tmp_path / "card")]) == 0
    card = (tmp_path / "card/DATA_CARD.md").read_text(encoding="utf-8")
    manifest = read_manifest(corpus)
    assert f"{manifest.documents['train']:,} documents" in card
    for row in manifest.funnel:
        assert re.search(rf"\| {row['stage']} \| .* \| {row['files_dropped']:,} \|", card)
    for expected in ("| MIT |", "| python |", "| shell |", "EMAIL: 1 replaced", "| project |"):
        assert expected in card


def test_manifest_and_card_say_how_the_corpus_was_made(corpus: Path, tmp_path: Path) -> None:
    options = read_manifest(corpus).options
    assert options["license_policy"] == "permissive"
    assert options["near_threshold"] == 0.7
    card = write_report(corpus, tmp_path / "card").read_text("utf-8")
    assert "| license policy | permissive |" in card
    assert "| heldout packages | 0 |" in card


def test_other_options_make_another_record(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.write_bytes(b"weights")
    chosen = [
        CurationOptions(),
        CurationOptions(policy="any"),
        CurationOptions(own_folders=True),
        CurationOptions(languages=()),
        CurationOptions(near_threshold=0.8),
        CurationOptions(cards=("stars",)),
        CurationOptions(without_cards=("stars",)),
        CurationOptions(pii="shipped"),
        CurationOptions(perplexity=model),
        CurationOptions(benchmarks=("s3://bucket/humaneval.jsonl?token=1",)),
        CurationOptions(redact=False),
    ]
    records = [json.dumps(options.as_record()) for options in chosen]
    assert len(set(records)) == len(chosen)
    assert str(tmp_path) not in "".join(records)
    assert "token" not in "".join(records)


def test_the_card_of_a_corpus_without_documents_says_so(corpus: Path) -> None:
    manifest = replace(read_manifest(corpus), documents={}, bytes={}, packages={})
    card = data_card(manifest, [], Counter(), Counter(), Counter())
    assert card.startswith("# Data card\n\nNo documents.\n")


def test_help_says_what_each_command_does_and_nothing_of_types(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert "The classifier for names" in shown
    assert "Union" not in shown


def test_the_funnel_picture_has_a_row_a_stage(corpus: Path) -> None:
    assert main(["report", str(corpus)]) == 0
    root = ElementTree.parse(corpus / "funnel.svg").getroot()
    labels = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert labels[::2] == [row["stage"] for row in read_manifest(corpus).funnel]


def test_a_corpus_can_be_written_as_repositories(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "repositories.jsonl"
    assert main(["repositories", str(corpus), "--out", str(out)]) == 0
    (row,) = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    _, files = read_repository(row["content"])
    assert sorted(text for _, text in files) == sorted(d.text for d in read_documents(corpus))
    assert (row["repo_name"], row["files"]) == ("project", len(files))


def test_commits_and_files_of_one_name_are_all_written(tmp_path: Path) -> None:
    """As many documents and bytes come out as went in, and every text is as it was."""
    first = git_checkout(tmp_path / "one/project", {"LICENSE": MIT_TEXT, "a.py": module_text(1)})
    (first / "a.py").write_text("".join(f"new_{n} = {n}\n" for n in range(9)) + module_text(1))
    message = "Add nine constants to the only module"
    git(first, "commit", "--quiet", "--all", "--message", message)
    second = write_tree(tmp_path / "two/project", {"LICENSE": MIT_TEXT, "a.py": module_text(2)})
    corpus, out = tmp_path / "corpus", tmp_path / "repositories.jsonl"
    options = ["--commits", str(first), "--own-code", "--near-threshold", "1", "--workers", "1"]
    places = ["--out", str(corpus), "--work", str(tmp_path / "work")]
    assert main(["run", str(first), str(second), *options, *places]) == 0
    assert main(["repositories", str(corpus), "--out", str(out)]) == 0
    texts = []
    rows = list(map(json.loads, out.read_text(encoding="utf-8").splitlines()))
    for row in rows:
        is_one = row["kind"] != "repository"
        texts += [row["content"]] if is_one else [t for _, t in read_repository(row["content"])[1]]
    expected = [d.text for d in read_documents(corpus)]
    assert len(expected) == 3
    assert sorted(texts) == sorted(expected)
    assert sum(len(text.encode()) for text in texts) == sum(read_manifest(corpus).bytes.values())
    (commit,) = (row for row in rows if row["kind"] == "commit")
    assert [part.sentinel for part in split(commit["content"])] == [
        "commit_before", "commit_msg", "commit_after",
    ]  # fmt: skip


def test_a_report_needs_a_corpus(tmp_path: Path) -> None:
    assert main(["report", str(tmp_path)]) == EXIT_BAD_INPUT
