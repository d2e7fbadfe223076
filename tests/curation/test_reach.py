"""Clusters and places that can't be used are named at once, before anything is read."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from curation import reach
from curation.cli import main
from curation.executors import Machines
from curation.reach import check_machines
from inkling.errors import EXIT_BAD_INPUT, InklingError
from tests.curation.trees import module_text, write_tree


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the only one with programs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    return folder


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def refusal(machines: Machines) -> InklingError:
    with pytest.raises(InklingError) as raised:
        check_machines(machines, print)
    return raised.value


def test_this_machine_can_always_be_reached(programs: Path) -> None:
    check_machines(Machines(), print)


def test_without_slurm_its_executor_is_refused(programs: Path) -> None:
    assert "'sinfo' isn't found" in refusal(Machines("slurm")).cause


@pytest.mark.skipif(sys.platform == "win32", reason="there is no Slurm there")
def test_a_slurm_that_is_not_configured_says_so_itself(programs: Path) -> None:
    program(programs, "sbatch", "exit 1")
    program(programs, "sinfo", "echo 'sinfo: fatal: no configuration source' >&2; exit 1")
    error = refusal(Machines("slurm"))
    assert "no configuration source" in error.cause
    assert "SLURM_CONF" in error.remedy


@pytest.mark.skipif(sys.platform == "win32", reason="there is no Slurm there")
def test_a_partition_that_is_not_there_is_named_beside_those_that_are(programs: Path) -> None:
    program(programs, "sbatch", "exit 1")
    program(programs, "sinfo", "echo long; echo short; echo long")
    error = refusal(Machines("slurm", partition="main"))
    assert "no partition 'main'" in error.cause
    assert "long, short" in error.remedy
    check_machines(Machines("slurm", partition="short"), print)


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_a_dead_ray_address_is_named_and_the_wait_for_it_announced(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setattr(reach, "_RAY_SECONDS", 1)
    monkeypatch.setattr(reach, "_FIRST_WORD_AFTER", 0)
    said: list[str] = []
    address = f"{scheme}127.0.0.1:{free_port()}"
    with pytest.raises(InklingError, match=address):
        check_machines(Machines("ray", ray_address=address), said.append)
    assert [address in sentence for sentence in said] == [True]


def test_something_else_than_ray_is_not_taken_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray", reason="install inkling[ray] to run this")
    monkeypatch.setattr(reach, "_HEALTH_SECONDS", 1)
    monkeypatch.setattr(reach, "_FIRST_WORD_AFTER", 0.1)
    said: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(InklingError, match="no healthy Ray cluster"):
            check_machines(Machines("ray", ray_address=address), said.append)
    assert len(said) == 1


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc here")
@pytest.mark.parametrize("flag", ["--out", "--work"])
def test_a_place_where_nothing_can_be_written_is_named_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flag: str
) -> None:
    project = write_tree(tmp_path / "project", {"a.py": module_text(1)})
    places = {"--out": str(tmp_path / "out"), "--work": str(tmp_path / "work"), flag: "/proc/x"}
    arguments = [part for item in places.items() for part in item]
    assert main(["run", str(project), "--own-code", *arguments]) == EXIT_BAD_INPUT
    assert "/proc" in capsys.readouterr().err
