"""Models on this machine: fetched into `INKLING_HOME/models`, chosen in `config.toml`, removed."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
import tomllib
from typing import TYPE_CHECKING

from inkling.atomic import sha256_file, write_json, write_text
from inkling.bundle import MANIFEST_NAME, MODEL_NAME, BundleFile, BundleManifest, open_bundle
from inkling.errors import InklingError, require
from inkling.foreign_layout import sentinel_ids
from inkling.gguf_metadata import read_gguf_metadata
from inkling.installed import has_replaced_another, models_folder, roll_back
from inkling.layout import LAYOUT_VERSION
from inkling.settings import CONFIG_NAME, home, load_settings
from lsp_server.models import history
from lsp_server.models.catalog import CATALOG, Entry, find

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

_PARTIAL = ".partial"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MODEL_LINE = re.compile(r"^[ \t]*model[ \t]*=.*$", re.MULTILINE)
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def installed() -> list[str]:
    """Names of the models that were fetched, in order."""
    folder = models_folder()
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if (path / MANIFEST_NAME).is_file())


def pull(name: str) -> Path:
    """Fetch a model of the list, or `OWNER/REPOSITORY/FILE.gguf`; returns its folder.

    What an interrupted download has left is gone on with. The file's hash is compared with the
    hub's, its sentinels are looked up, and only then does the folder get its name.

    Raises:
        InklingError: unknown name, no connection, a damaged file, a model without FIM.
    """
    entry = find(name) or _entry_of_path(name)
    target = models_folder() / entry.name
    if (target / MANIFEST_NAME).is_file():
        return target
    partial = models_folder() / _PARTIAL / entry.name
    partial.mkdir(parents=True, exist_ok=True)
    downloaded, expected = _download(entry, partial)
    actual = sha256_file(downloaded)
    if expected is not None and actual != expected:
        downloaded.unlink()
        raise InklingError(
            f"The file {entry.file} arrived damaged: its SHA-256 is {actual[:12]}…, "
            f"not {expected[:12]}….",
            "Run the command again.",
        )
    metadata = read_gguf_metadata(downloaded)
    sentinels = {sentinel.name: token for sentinel, token in sentinel_ids(metadata).items()}
    model = partial / MODEL_NAME
    downloaded.replace(model)
    manifest = BundleManifest(
        name=entry.name,
        files={MODEL_NAME: BundleFile(model.stat().st_size, actual)},
        layout_version=LAYOUT_VERSION,
        sentinel_ids=sentinels,
        context_size=min(entry.context_tokens, metadata.context_size or entry.context_tokens),
        languages=list(metadata.languages),
    )
    write_json(partial / MANIFEST_NAME, manifest.to_json())
    shutil.rmtree(target, ignore_errors=True)  # what is there has no manifest, so it is a wreck
    partial.replace(target)
    return target


def _entry_of_path(name: str) -> Entry:
    owner, _, rest = name.partition("/")
    repository, _, file = rest.partition("/")
    parts = (owner, repository, *file.split("/"))
    if file.endswith(".gguf") and all(_SAFE_NAME.fullmatch(part) for part in parts):
        short = file.rpartition("/")[2].removesuffix(".gguf").lower()
        return Entry(short, f"{owner}/{repository}", file, 0.0, 0, 0, "unknown", "")
    raise InklingError(
        f"There is no model '{name}' in the list.",
        f"Choose one of {', '.join(entry.name for entry in CATALOG)}, "
        "or give OWNER/REPOSITORY/FILE.gguf.",
    )


def _download(entry: Entry, folder: Path) -> tuple[Path, str | None]:
    """The whole file in `folder`, and its SHA-256 as the hub says (None if it says none).

    The hub's library fetches and retries; going on where an earlier run stopped is done here,
    since its own download begins anew.
    """
    hub = _hub()
    endpoint = os.environ.get("HF_ENDPOINT") or None
    try:
        url = hub.hf_hub_url(entry.repository, entry.file, endpoint=endpoint)
        remote = hub.get_hf_file_metadata(url, token=False, endpoint=endpoint)
        tag = remote.etag or ""
        part = folder / f"{hashlib.sha256(tag.encode()).hexdigest()[:16]}.part"
        for other in set(folder.glob("*.part")) - {part}:
            other.unlink()  # of a file that has changed on the hub
        with part.open("ab") as handle:
            hub.file_download.http_get(
                remote.location,
                handle,
                resume_size=handle.tell(),
                headers=hub.utils.build_hf_headers(token=False),
                expected_size=remote.size,
                displayed_filename=entry.name,
            )
    except OSError as error:
        if not _is_of_the_network(error):
            raise
        raise _not_fetched(entry, error) from error
    except (RuntimeError, ValueError) as error:
        raise _not_fetched(entry, error) from error
    except Exception as error:
        if not type(error).__module__.startswith(("httpx", "httpcore", "huggingface_hub")):
            raise
        raise _not_fetched(entry, error) from error
    return part, tag if _SHA256.fullmatch(tag) else None


def _is_of_the_network(error: OSError) -> bool:
    """Whether it came from the connection and not from the disk, which has an error number."""
    return isinstance(error, ConnectionError | TimeoutError) or error.errno is None


def _not_fetched(entry: Entry, error: Exception) -> InklingError:
    return InklingError(
        f"The model {entry.repository} could not be fetched: {_first_line(error)}.",
        "Check the connection and run the command again; it goes on where it stopped.",
    )


def _hub() -> ModuleType:
    # Read when the library is first imported: no usage reports, and plain HTTP, which resumes.
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
    require("huggingface_hub.file_download", "models")
    logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)  # we say what went wrong
    return require("huggingface_hub", "models")


def _first_line(error: Exception) -> str:
    text = str(error).strip().split("\n")[0] or type(error).__name__
    return text.rstrip(".")


def use(name: str) -> Path | None:
    """Choose a model in `config.toml`: one that was fetched, a path, or `starter`.

    Returns the path that is written; None for the starter model.

    Raises:
        InklingError: no such model, one that can't fill in the middle, or a broken configuration.
    """
    before = _chosen()
    path = None if name == "starter" else resolve(name)
    if path is not None:
        sentinel_ids_of(path)
    _choose(path)
    if before != (None if path is None else str(path)):
        history.write([*history.read(), before])
    return path


def rollback() -> Path | None:
    """Take back the last change of the model in use; returns its path, None for the starter model.

    If it has replaced an earlier model of its name, as each tuning does, that one comes back; else
    the choice before the last one does. Models that are gone since are passed over.

    Raises:
        InklingError: there was none before, or a broken configuration.
    """
    from pathlib import Path

    now = _chosen()
    if (
        now is not None
        and Path(now).parent == models_folder()
        and has_replaced_another(Path(now).name)
    ):
        return roll_back(Path(now).name)
    choices = history.read()
    while choices:
        name = choices.pop()
        if name == now or (name is not None and not Path(name).exists()):
            continue
        path = None if name is None else Path(name)
        _choose(path)
        history.write(choices)
        return path
    raise InklingError(
        "There is no earlier choice of a model to go back to.",
        "Choose one with 'inkling model use'.",
    )


def _chosen() -> str | None:
    """The model that `config.toml` names.

    Raises:
        InklingError: a broken file, which must not be written over.
    """
    load_settings()
    config = home() / CONFIG_NAME
    text = config.read_bytes().decode("utf-8-sig") if config.is_file() else ""
    named = tomllib.loads(text).get("model")
    return named if isinstance(named, str) else None


def _choose(path: Path | None) -> None:
    config = home() / CONFIG_NAME
    text = config.read_bytes().decode("utf-8-sig") if config.is_file() else ""
    write_text(config, with_model(text, path))


def resolve(name: str) -> Path:
    """The path of a model that was fetched, or of a bundle or GGUF file.

    Raises:
        InklingError: there is none.
    """
    from pathlib import Path

    if name in installed():
        return models_folder() / name
    path = Path(name).expanduser().absolute()
    if find(name) is not None and not path.exists():
        raise InklingError(
            f"The model {name} was not fetched yet.", f"Run: inkling model pull {name}"
        )
    open_bundle(path)
    return path


def sentinel_ids_of(path: Path) -> dict[str, int]:
    """Names and ids of the sentinels of a bundle or GGUF file.

    Raises:
        InklingError: it can't fill in the middle.
    """
    bundle = open_bundle(path)
    if bundle.manifest is not None and bundle.manifest.sentinel_ids:
        return bundle.manifest.sentinel_ids
    ids = sentinel_ids(read_gguf_metadata(bundle.model_path))
    return {sentinel.name: token for sentinel, token in ids.items()}


def with_model(config: str, path: Path | None) -> str:
    """The text of a `config.toml` with another model, all else unchanged."""
    line = "" if path is None else f"model = {json.dumps(str(path), ensure_ascii=False)}"
    if _MODEL_LINE.search(config):
        replaced = _MODEL_LINE.sub(lambda _match: line, config, count=1)
        return replaced if line else re.sub(r"^\n", "", replaced, count=1)
    return f"{line}\n{config}" if line else config


def remove(name: str) -> int:
    """Delete a model that was fetched; returns the bytes that are free again.

    Raises:
        InklingError: there is none of this name.
    """
    partial = models_folder() / _PARTIAL / name
    known = name in installed() or (_SAFE_NAME.fullmatch(name) and partial.is_dir())
    if not known:
        raise InklingError(
            f"There is no model '{name}' on this machine.",
            "See 'inkling model list'; other files are yours to remove.",
        )
    folders = [models_folder() / name, partial]
    freed = sum(size_of(folder) for folder in folders)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    chosen = load_settings().model
    if chosen is not None and chosen == str(models_folder() / name):
        use("starter")
    return freed


def size_of(folder: Path) -> int:
    """Bytes of the files in a folder; 0 if there is none."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
