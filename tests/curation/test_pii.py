"""The token classifier: what it finds, what is made of it, and that others can take its place."""

from __future__ import annotations

import ast
import csv
import io
import random
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from datatrove.data import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from curation.corpus import (
    DOCUMENTS_FOLDER,
    MANIFEST_NAME,
    TRAIN,
    CorpusManifest,
    document_schema,
)
from curation.options import CurationOptions
from curation.pii import templates
from curation.pii.classifier import (
    CONFIG,
    MODEL,
    TOKENIZER,
    Found,
    TokenClassifier,
    classifier_hash,
    decode,
    load_classifier,
    shipped_folder,
)
from curation.pii.forms import draw_template
from curation.pii.labels import CLASSES, IGNORED, LABELS, label_tokens
from curation.pii.measure import TABLES, LabelledText, score
from curation.pii.mined import template_of
from curation.pii.samples import Sample, samples
from curation.pii.thresholds import least_scores
from curation.pii.values import HELDOUT_LOCALES, TRAIN_LOCALES, VALIDATION_LOCALES, Values
from curation.redaction.classified_spans import classified_spans, is_name
from curation.redaction.redact import redact
from curation.stages.secrets import REDACTIONS_KEY, SecretsFilter
from inkling.atomic import write_json
from inkling.errors import InklingError
from tests.curation.trees import module_text

if TYPE_CHECKING:
    from pathlib import Path

CODE = f"""# Author: Marianne Oppenheim
{module_text(3)}
__author__ = "Marianne Oppenheim"
"""


@pytest.fixture(scope="module")
def shipped() -> TokenClassifier:
    return load_classifier(shipped_folder())


class Fixed:
    """Stands for a classifier that finds what it is told to."""

    def __init__(self, *values: tuple[str, str]) -> None:
        self.values = values

    def find_sure(self, text: str) -> list[Found]:
        return [
            Found(text.index(value), text.index(value) + len(value), label, 0.99)
            for value, label in self.values
        ]


# --- what ships ------------------------------------------------------------------------------


def test_a_name_goes_everywhere_by_the_same_stand_in_and_the_code_still_parses(
    shipped: TokenClassifier,
) -> None:
    redacted = redact(CODE, "python", shipped)
    assert redacted.counts == {"NAME": 2}
    assert "Oppenheim" not in redacted.text
    first, last = redacted.text.splitlines()[0], redacted.text.splitlines()[-1]
    assert first.removeprefix("# Author: ") == last.split('"')[1]
    ast.parse(redacted.text)


def test_code_without_people_stays_as_it_is(shipped: TokenClassifier) -> None:
    for number in range(5):
        assert redact(module_text(number), "python", shipped).spans == ()


def test_windows_show_no_seams(shipped: TokenClassifier) -> None:
    """The tagger sees 48 tokens to either side, so cutting must not change what it says."""
    text = "".join(module_text(n) for n in range(8)) + CODE
    ids = shipped._tokenizer.encode(text, add_special_tokens=False).ids
    assert len(ids) > 1_000
    logits = shipped._run([ids])[0]
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    whole = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shipped.probabilities(ids), whole, atol=1e-4)


@pytest.mark.parametrize("text", ["", " ", "\n", "é" * 5_000, "x" * 20_000, "[CLS] </s> \ufffd"])
def test_odd_text_is_answered(shipped: TokenClassifier, text: str) -> None:
    assert all(0 <= f.start < f.end <= len(text) for f in shipped.find(text))


# --- others by path --------------------------------------------------------------------------


def test_a_classifier_of_another_make_is_loaded_by_path(tmp_path: Path) -> None:
    """A BERT with [CLS] and [SEP], as StarPII has them, says the same as under transformers."""
    torch = pytest.importorskip("torch")
    tokenizers = pytest.importorskip("tokenizers")
    transformers = pytest.importorskip("transformers")
    from curation.pii.model import export_onnx

    torch.manual_seed(3)
    words = [*"abcdefghijklmnopqrstuvwxyz .#:@", "[UNK]", "[CLS]", "[SEP]", "[PAD]"]
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({w: n for n, w in enumerate(words)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Split(tokenizers.Regex("."), "isolated")
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        "[CLS] $A [SEP]",
        special_tokens=[("[CLS]", words.index("[CLS]")), ("[SEP]", words.index("[SEP]"))],
    )
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=256, id2label=dict(enumerate(LABELS)),
        attn_implementation="eager",
    )  # fmt: skip
    model = transformers.BertForTokenClassification(config).eval()
    model.classifier.weight.data *= 40

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            return self.model(input_ids=input_ids, attention_mask=attention_mask).logits

    export_onnx(Logits(), tmp_path / MODEL)
    tokenizer.save(str(tmp_path / TOKENIZER))
    config.to_json_file(tmp_path / CONFIG)
    text = "# author: ada of x. mail a@b.cd"
    found = load_classifier(tmp_path).find(text)
    peer = transformers.pipeline(
        "token-classification",
        model=model,
        tokenizer=transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer),
        aggregation_strategy="simple",
    )(text)
    expected = [
        (row["start"], row["end"], row["entity_group"])
        for row in peer
        if text[row["start"] : row["end"]].strip() and row["entity_group"] != "O"
    ]
    assert found
    stripped = [
        (a + len(text[a:b]) - len(text[a:b].lstrip()), a + len(text[a:b].rstrip()), kind)
        for a, b, kind in expected
    ]
    assert [(f.start, f.end, f.label) for f in found] == stripped


def test_a_folder_without_a_classifier_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(InklingError, match=r"model\.onnx"):
        classifier_hash(tmp_path)
    for name in (MODEL, TOKENIZER, CONFIG):
        (tmp_path / name).write_text('{"id2label": {"0": "O"}}')
    with pytest.raises(InklingError, match="can't be loaded"):
        load_classifier(tmp_path)
    with pytest.raises(InklingError):
        CurationOptions(pii=str(tmp_path / "none")).judging_stages()


# --- what counts -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    ["Ada Lovelace", "Jean-Luc O'Brien", "M. Curie", "Curie, Marie", "Łukasz Żak", "李 小龍"],
)
def test_full_names_are_names(value: str) -> None:
    assert is_name(value)


@pytest.mark.parametrize(
    "value",
    ["Ada", "the Authors", "HTTP SERVER", "Modula-2 Standard", "A. B.", "foo bar",
     "Apache License", "x1 Y2", "Twisted Matrix Laboratories",
     "f(Ada Lovelace)", "Ada_Lovelace", "Google Inc", "A" * 40 + " " + "B" * 40],
)  # fmt: skip
def test_other_words_are_none(value: str) -> None:
    assert not is_name(value)


@pytest.mark.parametrize(
    ("value", "label", "expected"),
    [
        ("Ada Lovelace", "NAME", 1),
        ("Ada", "NAME", 0),
        ("lovelace", "USERNAME", 0),
        ("192.168.1.7", "IP_ADDRESS", 0),
        ("8.8.8.8", "IP_ADDRESS", 0),
        ("52.10.0.7", "IP_ADDRESS", 1),
        ("someone@example.com", "EMAIL", 0),
        ("ada@engine.org", "EMAIL", 1),
        ("1.3.101.112", "IP_ADDRESS", 0),
        ("password", "PASSWORD", 0),
        ("Tr0ub4dor&3", "PASSWORD", 1),
        ("abc", "KEY", 0),
        ("f00dk1tchens1nk9", "KEY", 1),
    ],
)
def test_the_rules_have_the_last_word(value: str, label: str, expected: int) -> None:
    text = f'login("{value}")\n'
    found = list(classified_spans(text, "python", Fixed((value, label))))  # type: ignore[arg-type]
    assert [text[span.start : span.end] for span in found] == [value] * expected


def test_a_password_counts_only_where_a_line_speaks_of_such() -> None:
    fixed = Fixed(("sr_CS.CP1251", "PASSWORD"))
    assert not list(classified_spans('locale = "sr_CS.CP1251"\n', "python", fixed))  # type: ignore[arg-type]
    assert list(classified_spans('password = "sr_CS.CP1251"\n', "python", fixed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("literal", "piece"),
    [
        ('"it\\"s;5ecret99"', "5ecret99"),
        ('"it\'s;5ecret99"', "5ecret99"),
        ("'say\"5ecret99'", "5ecret99"),
    ],
)
def test_of_a_password_with_a_quote_in_it_no_half_stays(literal: str, piece: str) -> None:
    text = f"login(password={literal})\n"
    (found,) = classified_spans(text, "python", Fixed((piece, "PASSWORD")))  # type: ignore[arg-type]
    assert text[found.start : found.end] == literal[1:-1]


def test_half_a_name_is_widened_and_python_identifiers_stay() -> None:
    text = '# by Ada Lovelace\nAda.Lovelace = "x"\n'
    found = list(classified_spans(text, "python", Fixed(("da Love", "NAME"))))  # type: ignore[arg-type]
    assert [text[s.start : s.end] for s in found] == ["Ada Lovelace"]
    assert not list(classified_spans("Ada .Lovelace = 1\n", "python",
                                     Fixed(("Ada .Lovelace", "NAME"))))  # type: ignore[arg-type]  # fmt: skip


def test_the_stage_notes_names_and_is_keyed_by_the_classifier() -> None:
    stage = SecretsFilter(shipped_folder())
    assert classifier_hash(shipped_folder())[:12] in stage.version
    assert SecretsFilter().version != stage.version
    document = Document(text=CODE, id="i", metadata={"path": "a.py", "language": "python"})
    rules = {row.rule for row in stage.explain(document)}
    assert "token_classifier" in rules
    assert document.metadata[REDACTIONS_KEY] == {"NAME": 2}


# --- labels and samples ----------------------------------------------------------------------


def test_a_token_is_labelled_by_the_value_it_touches() -> None:
    tokens = [(0, 2), (2, 5), (5, 9), (9, 9), (9, 12), (12, 15)]
    labels = label_tokens(tokens, [(3, 9, "NAME")], [(12, 15)])
    names = ["-" if n == IGNORED else LABELS[n] for n in labels]
    assert names == ["O", "B-NAME", "I-NAME", "-", "O", "-"]


def test_spans_are_joined_by_their_labels() -> None:
    labels = dict(enumerate(LABELS))
    wanted = ["B-NAME", "I-NAME", "O", "I-KEY", "B-KEY", "B-KEY"]
    probabilities = np.full((6, len(LABELS)), 0.01)
    for row, name in enumerate(wanted):
        probabilities[row, LABELS.index(name)] = 0.8
    offsets = [(0, 3), (3, 6), (6, 7), (7, 8), (8, 9), (9, 10)]
    found = [
        (f.start, f.end, f.label) for f in decode("ada bo.xyz", offsets, probabilities, labels)
    ]
    assert found == [(0, 6, "NAME"), (7, 8, "KEY"), (8, 9, "KEY"), (9, 10, "KEY")]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_a_templates_values_stand_where_their_labels_say(seed: int) -> None:
    rng = random.Random(seed)
    values = Values(("en_US",), seed % 3)
    drawn: list[str] = []
    original = values.draw
    values.draw = lambda kind: drawn.append(original(kind)) or drawn[-1]  # type: ignore[method-assign, func-returns-value]
    text, spans = templates.fill(draw_template(rng), values, ["word", "other"], rng)
    for start, end, kind in spans:
        assert kind in CLASSES
        assert text[start:end] in drawn


def test_samples_are_the_same_again_and_label_real_names_as_doubtful() -> None:
    texts = ["# Author: Some Body\nx = 1\ny = 2\nz = 3\n" * 3]

    def drawn() -> list[object]:
        values = Values(("en_US", "ja_JP"), 1)
        return list(islice(samples(texts, draw_template, values, ["word"], 5), 20))

    assert drawn() == drawn()
    for sample in drawn():
        assert (
            "Some Body" not in sample.text
            or any(  # type: ignore[attr-defined]
                "Some Body" in sample.text[a:b]  # type: ignore[attr-defined]
                for a, b in sample.doubtful  # type: ignore[attr-defined]
            )
        )


def test_nothing_held_out_is_trained_on() -> None:
    rng = random.Random(1)
    mined = [*templates.HELDOUT, "# <NAME> made it"]
    drawn = {draw_template(rng, mined) for _ in range(20_000)}
    assert "# <NAME> made it" in drawn
    assert not drawn & set(templates.HELDOUT)
    assert not drawn & set(templates.VALIDATION)
    assert not set(templates.HELDOUT) & set(templates.VALIDATION)
    assert not set(TRAIN_LOCALES) & {*HELDOUT_LOCALES, *VALIDATION_LOCALES}
    assert not set(HELDOUT_LOCALES) & set(VALIDATION_LOCALES)


@pytest.mark.parametrize(
    ("line", "template"),
    [
        ("# Author: Jane Roe <jane@roe.org>", "# Author: <NAME> <<EMAIL>>"),
        ("  Copyright (c) 2004-2011 Jane Q. Roe.", "Copyright (c) <YEAR>-<YEAR> <NAME>."),
        ("# Written by Jane Roe and John Doe, 1999", "# Written by <NAME> and <NAME>, <YEAR>"),
        ("jane@roe.org (Jane Roe)", "<EMAIL> (<NAME>)"),
        ("# see Jane Roe", None),  # no cue
        ("# Author: Jane Roe, see John Doe", None),  # a name is left
        ("# Copyright 2004 Jane Roe Inc.", None),
        ("for author in authors:", None),
    ],
)
def test_a_template_is_mined_from_a_line_that_is_understood_whole(
    line: str, template: str | None
) -> None:
    assert template_of(line) == template


def test_a_score_counts_from_where_precision_is_high_enough() -> None:
    sample = Sample("Jane Roe of Foo Bar met Baz", ((0, 8, "NAME"),), ((24, 27),))
    right, wrong, doubtful = (Found(0, 8, "NAME", 0.9), Found(12, 19, "NAME", 0.7),
                              Found(24, 27, "NAME", 0.95))  # fmt: skip
    least = least_scores([(sample, [right, wrong, doubtful])])
    assert 0.7 < least["NAME"] <= 0.9
    assert least_scores([(sample, [right])])["NAME"] == 0.5


def test_neighbours_make_one_name_and_other_scores_are_the_classifiers() -> None:
    text = "# by Ada Lovelace, Mary Shelley\n"
    parts = Fixed(("Ada", "NAME"), ("Lovelace", "NAME"), ("Mary Shelley", "NAME"))
    found = list(classified_spans(text, "python", parts))  # type: ignore[arg-type]
    assert [text[s.start : s.end] for s in found] == ["Ada Lovelace", "Mary Shelley"]


def test_precision_and_recall_are_what_they_are_called() -> None:
    text = LabelledText("abcdefghij", ((0, 3, "NAME"), (5, 8, "NAME")))
    found = score([text], lambda _: [(0, 3, "NAME"), (6, 7, "NAME"), (9, 10, "NAME")])
    row = found.classes["NAME"]
    assert (row.recall, row.precision) == (0.5, 2 / 3)
    inside = LabelledText("abcdefghij", ((5, 8, "NAME"),), (4, 8))
    row = score([inside], lambda _: [(0, 3, "NAME"), (5, 8, "NAME")]).classes["NAME"]
    assert (row.values, row.found, row.claimed, row.right) == (1, 1, 1, 1)


@pytest.mark.parametrize("name", TABLES)
def test_the_labelled_tables_are_sound(name: str) -> None:
    table = files("curation.pii").joinpath(name).read_text(encoding="utf-8")
    rows = list(csv.DictReader(table.splitlines()))
    assert len(rows) > 100
    for row in rows:
        for label in row["labels"].split():
            kind, start, end = label.split(":")
            assert kind in CLASSES
            assert int(row["start"]) <= int(start) < int(end) <= int(row["end"])


def write_corpus(folder: Path, texts: list[str]) -> Path:
    rows = [
        {**dict.fromkeys(document_schema().names), "id": str(n), "text": text, "text_sha256": "",
         "repo": "r", "path": f"{n}.py", "language": "python", "split": TRAIN, "stages": "{}"}
        for n, text in enumerate(texts)
    ]  # fmt: skip
    (folder / DOCUMENTS_FOLDER).mkdir(parents=True)
    table = pa.Table.from_pylist(rows, document_schema())
    parquet.write_table(table, folder / DOCUMENTS_FOLDER / "00000.parquet")
    write_json(folder / MANIFEST_NAME, CorpusManifest([], {}, [], {}, {}).to_json())
    return folder


@pytest.mark.e2e
def test_training_writes_a_folder_that_loads(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from curation.pii.train import TaggerTraining, train_tagger

    corpus = write_corpus(tmp_path / "corpus", [module_text(n) for n in range(20)])
    console = Console(file=io.StringIO())
    train_tagger(corpus, tmp_path / "out", TaggerTraining(steps=2, batch=4), console)
    assert load_classifier(tmp_path / "out").find(module_text(1)) is not None
