"""Whether the machines of a run can be reached, asked before anything is read.

A cluster that isn't there or isn't configured shows only after minutes otherwise, or never.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from collections.abc import Callable

    from curation.executors import Machines

_SLURM_SECONDS = 30
_RAY_SECONDS = 15
_FIRST_WORD_AFTER = 3
_TRY_SECONDS = 2
_HEALTH_SECONDS = 25
_LOCAL = "or choose --executor local."
_NO_RAY = f"Check --ray-address and RAY_ADDRESS, see whether 'ray status' works there, {_LOCAL}"


def check_machines(machines: Machines, say: Callable[[str], None]) -> None:
    """Raise where the cluster that is to run the tasks can't be reached.

    Args:
        say: takes a sentence on what is waited for.

    Raises:
        InklingError: Slurm isn't installed, configured or up, has no such partition; or nothing
            answers at the address of the Ray cluster.
    """
    if machines.kind == "slurm":
        _check_slurm(machines.partition)
    elif machines.kind == "ray":
        address = machines.ray_address or os.environ.get("RAY_ADDRESS")
        host, port = _host_and_port(address or "")
        if address and host:
            _wait_for(address, host, port, say)
            if not address.startswith("ray://"):
                _check_ray(address, say)


def _check_slurm(partition: str) -> None:
    for program in ("sinfo", "sbatch"):
        if shutil.which(program) is None:
            raise InklingError(
                f"There is no Slurm here: the command '{program}' isn't found.",
                f"Run this on a machine that submits to a Slurm cluster, {_LOCAL}",
            )
    try:
        asked = subprocess.run(
            ["sinfo", "--noheader", "--format=%R"],
            capture_output=True, text=True, check=False, timeout=_SLURM_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise InklingError(
            f"Slurm doesn't answer: 'sinfo' took more than {_SLURM_SECONDS} seconds.",
            f"See whether the cluster's controller runs, {_LOCAL}",
        ) from error
    if asked.returncode != 0:
        lines = asked.stderr.strip().splitlines() or ["'sinfo' failed"]
        raise InklingError(
            f"Slurm is installed here, but can't be used: {lines[-1].rstrip('.')}.",
            f"Set SLURM_CONF to the cluster's slurm.conf, see whether 'sinfo' works, {_LOCAL}",
        )
    partitions = sorted(set(asked.stdout.split()))
    if partition not in partitions:
        raise InklingError(
            f"Slurm has no partition '{partition}'.",
            f"Choose one with --slurm-partition: {', '.join(partitions) or 'there is none'}.",
        )


def _host_and_port(address: str) -> tuple[str, int]:
    """Of `HOST:PORT` or `ray://HOST:PORT`; ("", 0) of an address of another kind (`auto`)."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    return (host.strip("[]"), int(port)) if host and port.isdecimal() else ("", 0)


def _wait_for(address: str, host: str, port: int, say: Callable[[str], None]) -> None:
    """Try to connect for a while, since a cluster may just be starting."""
    started = time.monotonic()
    said = False
    while True:
        try:
            with socket.create_connection((host, port), _TRY_SECONDS):
                return
        except (OSError, OverflowError) as error:
            waited = time.monotonic() - started
            if waited > _RAY_SECONDS:
                cause = error.strerror if isinstance(error, OSError) else None
                raise InklingError(
                    f"Nothing answers at the Ray address {address}: {cause or error}.", _NO_RAY
                ) from error
        if not said and waited > _FIRST_WORD_AFTER:
            say(f"Waiting for the Ray cluster at {address}, {_RAY_SECONDS} seconds at most …")
            said = True
        time.sleep(0.5)


def _check_ray(address: str, say: Callable[[str], None]) -> None:
    """Ask what answers whether it is Ray, in a process: Ray ends one where it isn't."""
    require("ray", "ray")
    command = [sys.executable, "-m", "ray.scripts.scripts", "health-check", "--address", address]
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=nowhere, stderr=nowhere) as asked:
        try:
            try:
                status = asked.wait(_FIRST_WORD_AFTER)
            except subprocess.TimeoutExpired:
                say(f"Asking the Ray cluster at {address}, {_HEALTH_SECONDS} seconds at most …")
                status = asked.wait(_HEALTH_SECONDS)
        except subprocess.TimeoutExpired:
            status = 1
        finally:
            asked.kill()
    if status != 0:
        raise InklingError(f"What answers at {address} is no healthy Ray cluster.", _NO_RAY)
