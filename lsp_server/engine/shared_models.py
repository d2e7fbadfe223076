"""Models that several engines of one process run: the weights are loaded once.

Each engine has a context of its own, so the windows of an editor don't push one another out of the
KV cache.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.errors import InklingError
from lsp_server.engine.turns import Turns

if TYPE_CHECKING:
    from inkling.bundle import Bundle
    from lsp_server.engine.model import Model

_Key = tuple[str, int, int, int, bool]


@dataclass
class _Loaded:
    model: Model
    users: int = 0


class SharedModels:
    """What is loaded now, and by how many it is used. Any thread may call.

    Attributes:
        turns: of the engines that run these models.
    """

    def __init__(self) -> None:
        self.turns = Turns()
        self._lock = threading.Lock()
        self._loaded: dict[_Key, _Loaded] = {}

    def take(self, bundle: Bundle, gpu_layers: int) -> Model:
        """The model of a bundle, which is loaded unless this very file is already.

        Raises:
            InklingError: it can't be loaded.
        """
        from lsp_server.engine.model import Model  # brings llama.cpp

        key = _key(bundle, gpu_layers)
        with self._lock:
            loaded = self._loaded.get(key)
            if loaded is None:
                loaded = self._loaded[key] = _Loaded(Model(bundle, gpu_layers))
            loaded.users += 1
            return loaded.model

    def give_back(self, model: Model) -> None:
        """Free a model's weights if nobody else uses them."""
        with self._lock:
            key, loaded = next(item for item in self._loaded.items() if item[1].model is model)
            loaded.users -= 1
            if not loaded.users:
                del self._loaded[key]
                model.close()

    def users(self, model: Model) -> int:
        """How many engines run a model."""
        with self._lock:
            return sum(each.users for each in self._loaded.values() if each.model is model)


def _key(bundle: Bundle, gpu_layers: int) -> _Key:
    path = bundle.model_path
    try:
        status = path.stat()
    except OSError as error:
        raise InklingError(
            f"The model file {path} can't be read: {error.strerror}.",
            "Fetch or build the model again, or name another one.",
        ) from error
    stamp = status.st_size, status.st_mtime_ns
    return str(path.resolve()), *stamp, gpu_layers, bundle.manifest is not None
