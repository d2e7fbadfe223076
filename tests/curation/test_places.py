"""Data at addresses: a hub of datasets, and any other file system that fsspec knows."""

from __future__ import annotations

import gzip
import importlib.util
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from curation.benchmarks import read_benchmark
from curation.cli import main
from curation.corpus import read_documents, read_dropped
from inkling.errors import EXIT_BAD_INPUT, InklingError
from tests.curation.fake_datasets_hub import datasets_hub
from tests.curation.trees import MIT_TEXT, module_text, write_tree

REPOSITORY = Path(__file__).parents[2]


def row(number: int) -> dict[str, str | list[str]]:
    return {
        "content": module_text(number),
        "repo_name": "owner/code",
        "path": f"{number}.py",
        "detected_licenses": ["MIT"],
    }


def parquet_bytes(rows: list[dict[str, str | list[str]]]) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), buffer)
    return buffer.getvalue()


def run(hub: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Curate in a process of its own: the hub's client reads its address when it is imported."""
    environment = {**os.environ, "HF_ENDPOINT": hub, "HF_HOME": str(folder / "hf"),
                   "INKLING_HOME": str(folder / "home")}  # fmt: skip
    environment.pop("HF_HUB_OFFLINE", None)
    command = [sys.executable, "-m", "curation", "run", *arguments, "--workers", "1",
               "--out", str(folder / "corpus"), "--work", str(folder / "work")]  # fmt: skip
    return subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True)


def test_a_dataset_and_a_benchmark_are_read_from_a_hub(tmp_path: Path) -> None:
    task = {"task_id": "T/1", "prompt": module_text(1)}
    files = {
        "README.md": b"# No data",
        "data/a.jsonl.gz": gzip.compress(json.dumps(row(2)).encode()),
        "data/b.parquet": parquet_bytes([row(3), row(1)]),
        "bench/test.jsonl": json.dumps(task).encode(),
    }
    project = write_tree(tmp_path / "project", {"LICENSE": MIT_TEXT, "a.py": module_text(4)})
    with datasets_hub(files) as hub:
        finished = run(
            hub, tmp_path, str(project), "--datasets", "hf://datasets/owner/name/data",
            "--benchmarks", "hf://datasets/owner/name/bench/test.jsonl",
        )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr
    kept = {document.path for document in read_documents(tmp_path / "corpus")}
    assert kept == {"a.py", "2.py", "3.py"}
    dropped = {row.path: row.stage for row in read_dropped(tmp_path / "corpus")}
    assert dropped == {"1.py": "decontamination", "LICENSE": "language"}
    assert main(["report", str(tmp_path / "corpus")]) == 0
    card = (tmp_path / "corpus" / "DATA_CARD.md").read_text(encoding="utf-8")
    assert "1 files held text of a benchmark" in card
    assert "| owner/code/1.py | T/1 (10 words), lines 1-" in card


@pytest.mark.parametrize(
    ("place", "is_up"),
    [
        ("hf://datasets/nobody/nothing", True),
        ("hf://datasets/owner/name", True),
        ("hf://datasets/owner/name", False),
    ],
    ids=["no such dataset", "no data in it", "no hub"],
)
def test_a_dataset_that_cannot_be_had_is_named(tmp_path: Path, place: str, is_up: bool) -> None:
    with datasets_hub({}) as hub:
        if is_up:
            finished = run(hub, tmp_path, "--datasets", place)
    if not is_up:
        finished = run(hub, tmp_path, "--datasets", place)
    assert finished.returncode == EXIT_BAD_INPUT
    assert place in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_name_on_the_hub_without_its_scheme_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write_tree(tmp_path / "project", {"a.py": module_text(1)})
    place = ["--out", str(tmp_path / "out"), "--work", str(tmp_path / "work")]
    for flag in ("--benchmarks", "--datasets"):
        assert main(["run", str(project), flag, "openai/humaneval", *place]) == EXIT_BAD_INPUT
        assert "write hf://datasets/openai/humaneval" in " ".join(capsys.readouterr().err.split())


def test_a_damaged_line_of_a_benchmark_is_named_by_its_number(tmp_path: Path) -> None:
    lines = [json.dumps({"task_id": "T/1", "text": "x" * 50}), "", '{"text": ']
    (tmp_path / "b.jsonl").write_text("\n".join(lines))
    with pytest.raises(InklingError, match=r"Line 3 of the benchmark file b\.jsonl"):
        read_benchmark(str(tmp_path / "b.jsonl"))
    (tmp_path / "c.jsonl").write_bytes(b'{}\n{"text": "\xff"}')
    with pytest.raises(InklingError, match="Line 2"):
        read_benchmark(str(tmp_path / "c.jsonl"))


@pytest.mark.skipif(importlib.util.find_spec("s3fs") is not None, reason="s3fs is installed")
def test_a_bucket_of_s3_without_its_package_says_which_extra_brings_it() -> None:
    with pytest.raises(InklingError) as raised:
        read_benchmark("s3://bucket/b.jsonl")
    assert "[remote]" in raised.value.remedy


def test_a_bucket_is_read_like_a_folder(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """fsspec's file system in memory stands for S3 and its like: the same code reads both."""
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.pipe("/bucket/code/a.parquet", parquet_bytes([row(1)]))
    memory.pipe("/bucket/code/deep/b.jsonl", json.dumps(row(2)).encode())
    memory.pipe("/bucket/bench.jsonl", json.dumps({"task_id": "T/1", "text": "x" * 50}).encode())
    out = str(tmp_path / "corpus")
    place = ["--out", out, "--work", str(tmp_path / "work"), "--workers", "1"]
    try:
        assert main(["run", "--datasets", "memory://bucket/code", *place]) == 0
        assert {d.path for d in read_documents(Path(out))} == {"1.py", "2.py"}
        assert read_benchmark("memory://bucket/bench.jsonl")[0].name == "T/1"
        assert main(["run", "--datasets", "memory://bucket/none", *place]) == EXIT_BAD_INPUT
        assert "memory://bucket/none" in capfd.readouterr().err
    finally:
        memory.rm("/bucket", recursive=True)
