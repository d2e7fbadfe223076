"""Settings: where Inkling keeps its files, and the user's defaults.

`INKLING_HOME` (default: the platform's user-data folder) holds everything Inkling writes unless a
path is given. `INKLING_HOME/config.toml` may set the defaults below; the environment variable
`INKLING_MODEL` goes before it, and a command-line flag before both.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

import platformdirs

from inkling.errors import InklingError

CONFIG_NAME = "config.toml"
POLICIES = ("", "show", "badge", "block")
_RANGES = {"threads": (0, 512), "max_new_tokens": (1, 1024)}
"""What the numbers may be, if not anything from 0 on. More threads than 512 end llama.cpp."""
_MOST = 2**31 - 1


@dataclass(frozen=True)
class Settings:
    """The user's defaults, as `config.toml` may give them.

    Attributes:
        model: bundle folder or GGUF file; None takes the starter model that ships with Inkling.
        threads: CPU threads for the model; 0 takes the number of cores this process may use.
        context_tokens: size of the model's context; 0 takes what the bundle says.
        max_new_tokens: longest completion, in tokens.
        server: address of a completion server to use instead of a model in this process; None for
            none. Only then does Inkling open a connection while you work.
        server_kind: `llama.cpp` or `openai`, the protocol of that server.
        server_model: name of the model there, where the server has several.
        server_family: family of sentinels to spell the prompt with, for servers without `suffix`.
        gpu_layers: layers to run on a GPU, where llama.cpp was built for one; all by default.
        keep_state: keep what was read of a workspace for the next start, in INKLING_HOME/states.
        attribution_index: folder of the index of the training data; None: the bundle's own, else
            the default one; "" for none.
        attribution_policy: `show`, `badge` or `block` for every suggestion that has a source; ""
            decides by how much of it matters, and by its licence.
    """

    model: str | None = None
    threads: int = 0
    context_tokens: int = 0
    max_new_tokens: int = 64
    server: str | None = None
    server_kind: str = "llama.cpp"
    server_model: str = ""
    server_family: str = ""
    gpu_layers: int = 999
    keep_state: bool = True
    attribution_index: str | None = None
    attribution_policy: str = ""


def home() -> Path:
    """The folder that holds everything Inkling writes."""
    named = os.environ.get("INKLING_HOME")
    return Path(named).expanduser() if named else platformdirs.user_data_path("inkling", False)


def load_settings(path: Path | None = None) -> Settings:
    """Read `config.toml` (absent is fine) and the environment.

    Raises:
        InklingError: if the file is not TOML, or has an unknown key or a value of a wrong type.
    """
    path = path or home() / CONFIG_NAME
    values: dict[str, object] = {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        pass
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InklingError(
            f"The configuration file {path} can't be read: {error}.", "Correct or remove it."
        ) from error
    defaults = Settings()
    known = {field.name: getattr(defaults, field.name) for field in fields(Settings)}
    for key, value in values.items():
        if key not in known:
            raise InklingError(
                f"The configuration file {path} has an unknown key '{key}'.",
                f"Known keys are: {', '.join(known)}.",
            )
        expected = str if known[key] is None else type(known[key])
        if type(value) is not expected:
            raise InklingError(
                f"In {path}, '{key}' is {value!r}.", f"Give it a {expected.__name__}."
            )
        least, most = _RANGES.get(key, (0, _MOST))
        if isinstance(value, int) and not least <= value <= most:
            raise InklingError(f"In {path}, '{key}' is {value}.", f"Give it {least} to {most}.")
    if values.get("attribution_policy", "") not in POLICIES:
        raise InklingError(
            f"In {path}, 'attribution_policy' is {values['attribution_policy']!r}.",
            "Give it 'show', 'badge' or 'block'.",
        )
    if model := os.environ.get("INKLING_MODEL"):
        values["model"] = model
    return Settings(**values)  # type: ignore[arg-type]  # checked key by key above


def usable_cores() -> int:
    """Cores that this process may run on (which a container may limit)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
