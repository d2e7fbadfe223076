"""Where the tasks of a step run: processes here, a Slurm cluster, or a Ray cluster.

All three are datatrove's executors over the same steps; the work folder and the sources must be
readable under the same paths on every machine. A finished task leaves a marker in the work folder,
so what was killed is done again and nothing else: within a run for tasks that Slurm or Ray lost,
and by the next run of the same command for anything.
"""

from __future__ import annotations

import multiprocessing
import os
import shlex
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from datatrove.executor.local import LocalPipelineExecutor
from datatrove.executor.slurm import SlurmPipelineExecutor

from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from datatrove.executor.base import PipelineExecutor
    from datatrove.pipeline.base import PipelineStep

Kind = Literal["local", "slurm", "ray"]
_SUBMISSIONS = 3
_MOST_TASKS_A_JOB = 8
_POLL_SECONDS = 1.0
_SILENT = 1
"""Of datatrove's local ranks only 0 writes its messages to the terminal, too."""
_ROOT = Path(__file__).resolve().parent.parent


PARTITION = "main"


@dataclass(frozen=True)
class Machines:
    """What runs the tasks.

    Attributes:
        kind: processes of this machine, jobs of Slurm, or actors of Ray.
        workers: tasks at a time.
        partition, time_limit, memory_gb: of each Slurm task.
        ray_address: of a running Ray cluster (default: RAY_ADDRESS, else one is started here).
    """

    kind: Kind = "local"
    workers: int = 1
    partition: str = PARTITION
    time_limit: str = "04:00:00"
    memory_gb: int = 4
    ray_address: str | None = None


def run_tasks(
    machines: Machines, title: str, steps: list[PipelineStep], tasks: int, work: Path
) -> None:
    """Run `tasks` tasks of a pipeline to their end, those that are done already left out.

    Args:
        work: folder that all machines share; logs and markers go below it.

    Raises:
        InklingError: the cluster isn't there, or tasks failed.
    """
    logs = work / f"logs-{title}"
    if machines.kind == "local":
        _LocalExecutor(steps, tasks, machines.workers, logging_dir=str(logs)).run()
        return
    if machines.kind == "slurm":
        executor = _run_on_slurm(machines, title, steps, tasks, logs)
    else:
        executor = _run_on_ray(machines, steps, tasks, logs)
    failed = executor.get_incomplete_ranks()
    if failed:
        raise InklingError(
            f"{len(failed)} of {tasks} tasks of the step '{title}' failed on {machines.kind}.",
            f"Their logs are in {logs}; the same command goes on where this one stopped.",
        )


class _LocalExecutor(LocalPipelineExecutor):  # type: ignore[misc]  # datatrove is untyped
    """Processes that end with the one that started them, even if that one is killed.

    datatrove's own way starts a process for a queue besides, which then stays for ever, and waits
    for ever for a worker that the system killed.
    """

    pipeline: list[PipelineStep]

    def run(self) -> None:
        ranks = self.get_incomplete_ranks()
        if self.workers == 1:
            steps = self.pipeline
            for rank in ranks:
                self.pipeline = deepcopy(steps)  # each task counts for itself
                self._run_for_rank(rank, _SILENT)
            return
        known = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if "forkserver" in known else "spawn")
        pool = ProcessPoolExecutor(self.workers, context, _end_with_parent)
        try:
            for task in as_completed([pool.submit(self._run_for_rank, r, _SILENT) for r in ranks]):
                task.result()
        except BrokenProcessPool as error:
            raise InklingError(
                "A worker process ended in the middle of a task, perhaps for want of memory.",
                "Give the same command with fewer --workers: it goes on where this one stopped.",
            ) from error
        except BaseException:
            for worker in multiprocessing.active_children():
                worker.terminate()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """In a worker: end as soon as the process that started it is gone."""

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _tasks_a_job(tasks: int, machines: Machines) -> int:
    """Starting a job takes seconds, so each of the workers has two, or few tasks each."""
    return min(_MOST_TASKS_A_JOB, -(-tasks // (2 * machines.workers)))


class _SlurmExecutor(SlurmPipelineExecutor):  # type: ignore[misc]  # datatrove is untyped
    """Without the extra job that adds statistics up: it would wait for ever after a failure."""

    def launch_merge_stats(self) -> None:
        return


def _run_on_slurm(
    machines: Machines, title: str, steps: list[PipelineStep], tasks: int, logs: Path
) -> PipelineExecutor:
    programs = str(Path(sys.executable).parent)
    executor = _SlurmExecutor(
        steps,
        tasks,
        time=machines.time_limit,
        partition=machines.partition,
        mem_per_cpu_gb=machines.memory_gb,
        workers=machines.workers,
        job_name=f"inkling-{title}-{logs.parent.name}",
        qos=None,
        env_command=f'export PATH={shlex.quote(programs)}:"$PATH" '
        f"PYTHONPATH={shlex.quote(str(_ROOT))}",
        logging_dir=str(logs),
        tasks_per_job=_tasks_a_job(tasks, machines),
        with_srun=False,
    )
    for _ in range(_SUBMISSIONS):
        if not executor.get_incomplete_ranks():
            break
        executor.job_id = None  # datatrove would wait for the last submission to succeed
        try:
            executor.launch_job()
            _wait_for_job(executor)
        except (OSError, subprocess.CalledProcessError) as error:
            cause = error.strerror if isinstance(error, OSError) else "sbatch failed"
            raise InklingError(
                f"Slurm refused the job of the step '{title}': {cause}.",
                f"What it said is in {logs.parent / f'{title}.log'}; see also --slurm-partition.",
            ) from error
        except BaseException:
            subprocess.run(["scancel", str(executor.job_id)], check=False, capture_output=True)
            raise
    return executor


def _wait_for_job(executor: SlurmPipelineExecutor) -> None:
    """Return when every task is done, or the job has left the queue without them."""
    command = ["squeue", "--noheader", f"--name={executor.job_name}", "--format=%A"]
    while executor.get_incomplete_ranks():
        time.sleep(_POLL_SECONDS)
        queue = subprocess.run(command, capture_output=True, text=True, check=False)
        if queue.returncode == 0 and not queue.stdout.strip():
            time.sleep(_POLL_SECONDS)  # a shared folder shows markers late
            return


def _run_on_ray(
    machines: Machines, steps: list[PipelineStep], tasks: int, logs: Path
) -> PipelineExecutor:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # Ray would report its use over the network
    ray = require("ray", "ray")
    from datatrove.executor.ray import RayPipelineExecutor

    address = machines.ray_address or os.environ.get("RAY_ADDRESS")
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    options = {
        "runtime_env": {"env_vars": {"PYTHONPATH": path, "RAY_USAGE_STATS_ENABLED": "0"}},
        "log_to_driver": False,
    }
    if address is None:
        options |= {
            "num_cpus": machines.workers,
            "include_dashboard": False,
            "_node_ip_address": "127.0.0.1",
        }
    if not ray.is_initialized():  # it lives to the end of the process, for all steps
        try:
            ray.init(address=address, **options)
        except (Exception, SystemExit) as error:  # Ray raises what it likes, and ends processes
            cause = str(error).partition("\n")[0].rstrip(".")
            raise InklingError(
                f"The Ray cluster {address or 'on this machine'} can't be used: {cause}.",
                "Check its address, or choose --executor local.",
            ) from error
    executor = RayPipelineExecutor(
        steps,
        tasks,
        workers=machines.workers,
        tasks_per_job=1,  # an actor forks a process for each, and many have hung
        logging_dir=str(logs),
        cpus_per_task=1,
        mem_per_cpu_gb=0.25,  # Ray only counts with it
    )
    executor.run()
    return executor
