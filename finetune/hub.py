"""Models on the hub: a base fetched by its name there, and a tuned bundle pushed to one's own.

Nothing here runs unless such a name was given. HF_ENDPOINT and HF_TOKEN count as they do for
the hub's own tools. Weights are taken as safetensors or GGUF only, never as pickles.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

SCHEME = "hf://"
_NAME = re.compile(r"[\w.-]+/[\w.-]+")
_FETCHED = ("*.json", "*.safetensors", "*.gguf", "merges.txt", "README.md", "LICENSE*", "Modelfile")


def local_base(base: str | None, folder: Path) -> Path | None:
    """The base as a path of this machine; one on the hub is fetched below `folder` first.

    Args:
        base: a checkpoint or bundle, `OWNER/NAME` or `hf://OWNER/NAME` on the hub, or None for the
            starter model. What may be a mistyped path is not looked for on the hub.

    Raises:
        InklingError: a name that is none, or a model that can't be fetched.
    """
    if base is None:
        return None
    path = Path(base)
    if not base.startswith(SCHEME):
        if path.exists() or not _NAME.fullmatch(base):
            return path
        if path.parent.exists():
            raise InklingError(
                f"There is no checkpoint or bundle at {base}.",
                f"Correct the path, or give {SCHEME}{base} for the model of that name on the hub.",
            )
    name = check_name(base.removeprefix(SCHEME))
    target = folder / name.replace("/", "--")
    with _explained(f"The base {name} could not be fetched"):
        _hub().HfApi(endpoint=_endpoint()).snapshot_download(
            name, local_dir=target, allow_patterns=list(_FETCHED)
        )
    return target


def push(bundle: Path, name: str) -> str:
    """Upload a bundle to the repository `OWNER/NAME`, made private if it is new; its address.

    Raises:
        InklingError: no such owner, no permission, or no connection. What is there stays.
    """
    check_name(name)
    with _explained(f"The bundle could not be pushed to {name}"):
        hub = _hub().HfApi(endpoint=_endpoint())
        address = hub.create_repo(name, private=True, exist_ok=True)
        hub.upload_folder(folder_path=bundle, repo_id=name, commit_message="Tuned with Inkling")
    return str(address)


def check_name(name: str) -> str:
    """The name itself; InklingError if it is none of a repository on the hub."""
    if _NAME.fullmatch(name):
        return name
    raise InklingError(f"'{name}' is no name of the hub.", "Give it as OWNER/NAME.")


def _hub() -> ModuleType:
    # Read when the library is first imported: no usage reports.
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    return require("huggingface_hub", "train")


def _endpoint() -> str | None:
    return os.environ.get("HF_ENDPOINT") or None


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Turn the errors of the hub's library into ours; those of the disk pass."""
    try:
        yield
    except InklingError:
        raise
    except Exception as error:
        ours = type(error).__module__.startswith(("httpx", "httpcore", "huggingface_hub"))
        if not ours and not isinstance(error, ConnectionError | TimeoutError):
            raise
        said = str(error).strip().split("\n")[0].rstrip(".") or type(error).__name__
        raise InklingError(
            f"{what}: {said}.", "Check the name, the connection and HF_TOKEN, and try again."
        ) from error
