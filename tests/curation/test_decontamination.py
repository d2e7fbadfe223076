"""Decontamination: planted benchmark text is found with its lines, common code is not."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from datatrove.data import Document

from curation.benchmarks import BenchmarkText, read_benchmark
from curation.stages.decontamination import (
    DecontaminationFilter,
    build_index,
    find_contamination,
)
from curation.stages.stage import DROP_KEY
from inkling.errors import InklingError
from tests.curation.trees import module_text

PROMPT = '''def rescale(numbers):
    """Given a list of numbers, shift and stretch it so that the smallest number becomes zero
    and the largest becomes one. The list has at least two elements that differ.
    """
'''
SOLUTION = "    low, high = min(numbers), max(numbers)\n    return [x - low for x in numbers]\n"
SHORT = "return sorted(set(words), key=words.index, reverse=True)"
BODY = module_text("clean", functions=20)
INDEX = build_index(
    [
        BenchmarkText("task/1", "prompt", PROMPT),
        BenchmarkText("task/1", "solution", SOLUTION),
        BenchmarkText("task/2", "solution", SHORT),
    ]
)


@pytest.mark.parametrize(
    ("planted", "task", "test", "lines"),
    [
        (PROMPT, "task/1", "10 words", 3),
        (PROMPT.upper(), "task/1", "10 words", 3),
        (PROMPT.replace("    ", "# "), "task/1", "10 words", 3),
        (SHORT, "task/2", "substring", 1),
        (SHORT.replace(" ", "\n  "), "task/2", "substring", 4),
    ],
)
def test_planted_text_is_found_where_it_stands(
    planted: str, task: str, test: str, lines: int
) -> None:
    above = BODY.count("\n")
    (found,) = find_contamination(f"{BODY}{planted}\n{module_text('below')}", INDEX)
    assert (found.task, found.test) == (task, test)
    assert (found.first_line, found.last_line) == (above + 1, above + lines)


def test_clean_code_is_clean() -> None:
    assert find_contamination(BODY, INDEX) == []
    assert find_contamination("", INDEX) == []


def test_nine_words_in_a_row_are_not_enough() -> None:
    words = PROMPT.split()[3:]
    nine, ten = " ".join(words[:9]), " ".join(words[:10])
    assert find_contamination(nine, INDEX) == []
    assert find_contamination(ten, INDEX) != []


def test_what_several_tasks_share_says_nothing() -> None:
    shared = "from typing import List, Dict, Tuple, Optional, Any, Union, Callable, Iterator"
    rows = [BenchmarkText(f"task/{n}", "prompt", f"{shared}\n{module_text(n)}") for n in range(5)]
    index = build_index(rows)
    assert find_contamination(shared + BODY, index) == []
    assert [found.task for found in find_contamination(module_text(3), index)] == ["task/3"]


def test_runs_of_few_different_words_say_nothing() -> None:
    index = build_index([BenchmarkText("t", "test", "1, 2, 3, 1, 2, 3, " * 10)])
    assert find_contamination("1, 2, 3, 1, 2, 3, " * 5, index) == []


def test_a_row_of_numbers_says_nothing() -> None:
    row = ", ".join(map(str, range(20)))
    index = build_index([BenchmarkText("t", "test", f"assert counted(20) == [{row}]")])
    assert find_contamination(f"values = [{row}]\n", index) == []


def test_the_stage_names_task_and_lines() -> None:
    document = Document(text=BODY + PROMPT, id="id", metadata={"path": "a.py"})
    (same,) = DecontaminationFilter(INDEX).run(iter([document]))
    stage, reason, detail = same.metadata[DROP_KEY]
    assert (stage, reason) == ("decontamination", "benchmark")
    assert "task/1 (10 words), lines" in detail


# --- files -----------------------------------------------------------------------------------

ROWS = [{"task_id": "A/0", "prompt": PROMPT, "tests": [SHORT], "entry_point": "f" * 80}]


@pytest.mark.parametrize("name", ["b.jsonl", "b.jsonl.gz", "b.json", "b.parquet"])
def test_benchmarks_are_read_in_each_form(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith(".parquet"):
        parquet.write_table(pa.Table.from_pylist(ROWS), path)
    else:
        text = json.dumps(ROWS) if name.endswith(".json") else json.dumps(ROWS[0]) + "\n\n"
        path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    for place in (path, tmp_path, f"file://{path}"):
        texts = read_benchmark(str(place))
        assert [(t.name, t.field, t.text) for t in texts] == [
            ("A/0", "prompt", PROMPT),
            ("A/0", "tests", SHORT),
        ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("absent.jsonl", None),
        ("broken.jsonl", b"{not json\n"),
        ("broken.jsonl.gz", b"no gzip"),
        ("broken.parquet", b"PAR1 no parquet"),
        ("empty.jsonl", b""),
        ("latin.json", b"\xff\xfe"),
    ],
)
def test_a_benchmark_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    for place in (str(tmp_path / name), f"file://{tmp_path / name}"):
        with pytest.raises(InklingError, match=name.split(".")[0]):
            read_benchmark(place)


APPS = {"problem_id": 7, "question": "Read a line and print its words in order of their length.",
        "solutions": json.dumps([SOLUTION, SHORT]), "difficulty": "interview", "url": "u",
        "input_output": json.dumps({"inputs": ["a bb"], "outputs": ["bb a"]})}  # fmt: skip
MBPP = {"task_id": 11, "text": "Write a function to rescale a list of numbers to the unit range.",
        "code": SOLUTION, "test_list": ["assert rescale([1, 3]) == [0, 1]"]}  # fmt: skip
MULTIPL_E = {"name": "HumanEval_21_rescale", "language": "lua", "prompt": PROMPT,
             "tests": "assert(rescale({1, 3})[2] == 1)", "stop_tokens": ["\nlocal"]}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "planted"),
    [(APPS, SOLUTION), (APPS, SHORT), (MBPP, SOLUTION), (MULTIPL_E, PROMPT)],
)
@pytest.mark.parametrize("form", ["jsonl", "json", "parquet", "folder", "address"])
def test_the_benchmarks_of_the_field_are_read_as_they_are_published(
    tmp_path: Path, row: dict[str, Any], planted: str, form: str
) -> None:
    folder = tmp_path / "bench"
    folder.mkdir()
    if form == "parquet":
        parquet.write_table(pa.Table.from_pylist([row]), folder / "test.parquet")
    else:
        text = json.dumps([row]) if form == "json" else json.dumps(row) + "\n"
        (folder / f"test.{'json' if form == 'json' else 'jsonl'}").write_text(text)
    place = str(folder) if form == "folder" else str(next(folder.iterdir()))
    place = f"file://{folder}" if form == "address" else place
    index = build_index(read_benchmark(place))
    assert find_contamination(f"{BODY}{planted}\n{BODY}", index)
    assert not find_contamination(BODY, index)


# --- the real thing, where it is at hand -----------------------------------------------------


def test_humaneval_planted_in_code_is_found_and_the_standard_library_is_not() -> None:
    place = os.environ.get("INKLING_BENCHMARKS", "")
    path = Path(place) / "HumanEval.jsonl.gz"
    if not place or not path.is_file():
        pytest.skip("set INKLING_BENCHMARKS to a folder with HumanEval.jsonl.gz to run this")
    index = build_index(read_benchmark(str(path)))
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    missed = [
        row["task_id"]
        for row in rows
        # Two tasks may share a text; either name will do.
        if not find_contamination(BODY + row["prompt"] + BODY, index)
    ]
    assert missed == []
    library = Path(json.__file__).parents[1]
    clean = [library / name for name in ("argparse.py", "ast.py", "heapq.py", "textwrap.py")]
    assert [p.name for p in clean if find_contamination(p.read_text("utf-8"), index)] == []
