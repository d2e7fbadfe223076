"""The same pipeline on a real Ray cluster of two workers and on a real one-node Slurm.

Both must keep and drop just what this machine's processes do, also after tasks were killed.
Slurm is set up here, in a folder of its own, where it is installed (Debian: `slurm-wlm`) and the
tests run as root; elsewhere its tests are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from curation.corpus import read_documents, read_dropped
from tests.curation.trees import MIT_TEXT, module_text, write_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

REPOSITORY = Path(__file__).parents[2]
FILES = {
    "LICENSE": MIT_TEXT,
    **{f"good/{number}.py": module_text(number) for number in range(60)},
    "copy.py": module_text(1),
    "nearly.py": module_text("copied", 40),
    "nearly_too.py": module_text("copied", 40).replace("return", "return 1 +", 1),
    "mail.py": "# by jo@real-company.org\n" + module_text("mail"),
}
PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch", "squeue", "scontrol")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tree(tmp_path_factory.mktemp("source") / "project", FILES)


@pytest.fixture(scope="module")
def expected(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return curate(tree, tmp_path_factory.mktemp("local"), "local", os.environ)


def curate(
    tree: Path, folder: Path, executor: str, environment: os._Environ[str] | dict[str, str]
) -> list[str]:
    """Curate the tree; what the corpus holds."""
    finished = subprocess.run(command(tree, folder, executor), env=dict(environment),
                              cwd=REPOSITORY, capture_output=True, text=True)  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return contents(folder / "corpus")


def command(tree: Path, folder: Path, executor: str) -> list[str]:
    return [
        sys.executable, "-m", "curation", "run", str(tree), "--own-code", "--workers", "2",
        "--out", str(folder / "corpus"), "--work", str(folder / "work"), "--executor", executor,
    ]  # fmt: skip


def contents(corpus: Path) -> list[str]:
    """Every document and every drop, in an order that doesn't depend on the number of shards."""
    rows = [*read_documents(corpus), *read_dropped(corpus)]
    return sorted(json.dumps(asdict(row), sort_keys=True) for row in rows)


def kill_when_a_task_is_done(process: subprocess.Popen[bytes], folder: Path) -> list[Path]:
    """Kill a run in the middle of its first step; the markers of the tasks that were done."""
    try:
        deadline = time.monotonic() + 400
        while not (done := list((folder / "work").glob("*/run-*/logs-filter/completions/*"))):
            assert process.poll() is None, "it ended before a task was done"
            assert time.monotonic() < deadline, "no task was done in time"
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return done


# --- Ray -------------------------------------------------------------------------------------


@pytest.fixture
def ray(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment in which Ray starts a cluster of its own; what a kill leaves is ended."""
    pytest.importorskip("ray", reason="install inkling[ray] to run this")
    folder = tmp_path / "ray"
    folder.mkdir()
    link = Path(f"/tmp/ik{os.getpid()}")  # Ray's sockets don't fit below a long path
    link.symlink_to(folder)
    try:
        yield {**os.environ, "RAY_TMPDIR": str(link)}
    finally:
        end_processes_of(link)
        link.unlink()


def test_ray_writes_the_same_corpus_and_reports_nothing(
    tree: Path, expected: list[str], ray: dict[str, str], tmp_path: Path
) -> None:
    with listener() as (address, connections):
        # Were it to report, it would do so here, after a second.
        reporting = {
            "RAY_USAGE_STATS_REPORT_URL": address,
            "RAY_USAGE_STATS_REPORT_INTERVAL_S": "1",
        }
        assert curate(tree, tmp_path, "ray", {**ray, **reporting}) == expected
    logs = [path.read_text(errors="replace") for path in Path(ray["RAY_TMPDIR"]).rglob("*.log")]
    assert any("Usage reporting is disabled" in log for log in logs)
    assert not any("Usage reporting is enabled" in log for log in logs)
    assert connections == []


@contextmanager
def listener() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and who has connected to it."""
    connections: list[str] = []

    class Noting(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            connections.append(str(self.client_address))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Noting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/", connections
        finally:
            server.shutdown()


def test_ray_goes_on_after_a_kill_and_writes_the_same_corpus(
    tree: Path, expected: list[str], ray: dict[str, str], tmp_path: Path
) -> None:
    """The command and all workers are killed after a first task; the same command ends it."""
    first = subprocess.Popen(command(tree, tmp_path, "ray"), env=ray, cwd=REPOSITORY,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    assert kill_when_a_task_is_done(first, tmp_path)
    assert end_processes_of(Path(ray["RAY_TMPDIR"])), "Ray's processes outlive the command"
    assert not (tmp_path / "corpus").exists()
    assert curate(tree, tmp_path, "ray", ray) == expected


def end_processes_of(folder: Path) -> int:
    """Kill every process of the Ray cluster whose session lies in a folder; how many there were."""
    ended = 0
    for process in psutil.process_iter(["cmdline", "environ"]):
        described = [*(process.info["cmdline"] or ()), *(process.info["environ"] or {}).values()]
        if process.pid != os.getpid() and any(str(folder) in text for text in described):
            with suppress(psutil.Error):
                process.kill()
                process.wait(10)
                ended += 1
    return ended


# --- Slurm -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which a one-node Slurm of our own takes jobs."""
    search = os.pathsep.join([os.environ["PATH"], "/usr/sbin"])
    missing = [name for name in PROGRAMS if shutil.which(name, path=search) is None]
    if missing:
        pytest.skip(f"no Slurm here (Debian: slurm-wlm): {', '.join(missing)} not found")
    if os.geteuid() != 0:
        pytest.skip("setting up a Slurm of its own needs root")
    folder = tmp_path_factory.mktemp("slurm")
    environment = {**os.environ, "PATH": search, "SLURM_CONF": str(folder / "slurm.conf")}
    with ExitStack() as stack:
        try:
            start_slurm(folder, environment, stack)
        except (OSError, subprocess.SubprocessError) as error:
            pytest.skip(f"Slurm doesn't start here: {error}")
        yield environment


def start_slurm(folder: Path, environment: dict[str, str], stack: ExitStack) -> None:
    for name in ("state", "spool"):
        (folder / name).mkdir()
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1_024))
    key.chmod(0o600)
    host = socket.gethostname().partition(".")[0]
    (folder / "slurm.conf").write_text(
        f"""ClusterName=inkling
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={free_port()}
SlurmdPort={free_port()}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
JobRequeue=1
SchedulerParameters=sched_interval=1
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=9000 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""
    )
    munge = [f"--{name}={folder}/munge{end}" for name, end in
             (("key-file", ".key"), ("socket", ".socket"), ("log-file", "d.log"),
              ("pid-file", "d.pid"), ("seed-file", "d.seed"))]  # fmt: skip
    for program in (["munged", "--foreground", "--force", *munge],
                    ["slurmctld", "-D", "-f", environment["SLURM_CONF"]],
                    ["slurmd", "-D", "-f", environment["SLURM_CONF"]]):  # fmt: skip
        log = stack.enter_context((folder / f"{program[0]}.output").open("wb"))
        process = subprocess.Popen(program, env=environment, stdout=log, stderr=log)
        stack.callback(stop, process)
        time.sleep(1)
    for _ in range(60):
        state = subprocess.run(["sinfo", "--noheader", "--format=%T"], env=environment,
                               capture_output=True, text=True)  # fmt: skip
        if "idle" in state.stdout:
            return
        time.sleep(1)
    raise OSError((folder / "slurmd.output").read_text()[-500:] or "no node came up")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
        return
    process.kill()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def test_slurm_goes_on_after_a_kill_and_writes_the_same_corpus(
    tree: Path, expected: list[str], slurm: dict[str, str], tmp_path: Path
) -> None:
    """The command and its jobs are killed once a first task is done; the same command ends it."""
    first = subprocess.Popen(command(tree, tmp_path, "slurm"), env=slurm, cwd=REPOSITORY,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    kill_when_a_task_is_done(first, tmp_path)
    subprocess.run(["scancel", "--signal=KILL", "--full", "--user=root"], env=slurm, check=False)
    subprocess.run(["scancel", "--user=root"], env=slurm, check=False)
    assert not (tmp_path / "corpus").exists()
    assert curate(tree, tmp_path, "slurm", slurm) == expected


def test_without_slurm_the_error_says_so(tree: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": str(tmp_path)}
    finished = subprocess.run(command(tree, tmp_path, "slurm"), env=environment, cwd=REPOSITORY,
                              capture_output=True, text=True)  # fmt: skip
    assert finished.returncode == 2
    assert "no Slurm here" in finished.stderr
    assert "Traceback" not in finished.stderr
