"""What a run leaves to serve: the bundle, its adapter, and how other servers take it."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from finetune.adapters import adapter_for_serving
from inkling.atomic import write_json, write_text
from inkling.bundle import ADAPTER_NAME, MANIFEST_NAME, MODEL_NAME, BundleFile, open_bundle
from inkling.checkpoint import read_checkpoint_manifest
from inkling.errors import InklingError
from inkling.layout import Sentinel
from inkling.lineage import lineage_of
from pretrain.model_card import CARD_NAME
from quantize.adapter_writer import write_adapter
from quantize.bundle_writer import write_bundle
from quantize.checkpoint_reader import open_checkpoint

if TYPE_CHECKING:
    from pathlib import Path

    from inkling.bundle import BundleManifest
    from quantize.progress import Steps
    from quantize.vocabulary import Vocabulary

MODELFILE_NAME = "Modelfile"
_CHAT = (
    "{{ if .System }}### system\n{{ .System }}\n{{ end }}"
    "### user\n{{ .Prompt }}\n### assistant\n{{ .Response }}"
)
"""What `finetune.trl_tuning.CHAT_TEMPLATE` writes, in Ollama's language."""
_CHAT_STOP = "### user"


def export(checkpoint: Path, bundle: Path, steps: Steps, *, chats: bool = False) -> BundleManifest:
    """Write the bundle of a tuned checkpoint, with `adapter.gguf` if an adapter was trained.

    Args:
        chats: it was tuned to follow instructions, in `finetune.trl_tuning.CHAT_TEMPLATE`.
    """
    manifest = write_bundle(checkpoint, bundle, steps=steps)
    opened = open_checkpoint(checkpoint)
    adapter = adapter_for_serving(checkpoint)
    if adapter is not None:
        write_adapter(
            adapter,
            bundle / ADAPTER_NAME,
            opened.shape,
            opened.manifest.name,
            opened.manifest.training.get("base"),
            lineage_of(bundle / MODEL_NAME),  # merging an adapter leaves it as the base's
        )
        files = {**manifest.files, ADAPTER_NAME: BundleFile.of(bundle / ADAPTER_NAME)}
        manifest = replace(manifest, files=files)
    write_text(bundle / MODELFILE_NAME, modelfile(manifest, opened.vocabulary, chats=chats))
    write_json(bundle / MANIFEST_NAME, manifest.to_json())
    return manifest


def exported(checkpoint: Path, bundle: Path) -> BundleManifest | None:
    """The manifest of what `export` has written before, if all of it is there."""
    try:
        manifest = open_bundle(bundle, verify=True).manifest
    except InklingError:
        return None
    if manifest is None or not (bundle / MODELFILE_NAME).is_file():
        return None
    lacks_adapter = ADAPTER_NAME not in manifest.files
    return None if lacks_adapter and adapter_for_serving(checkpoint) is not None else manifest


def describe(
    checkpoint: Path, bundle: Path, manifest: BundleManifest, card: str, measured: dict[str, Any]
) -> None:
    """Put the card, and what was measured, beside the model."""
    base = read_checkpoint_manifest(checkpoint).training["base"]
    text = f"{card}\n{serving(manifest, base)}"
    for folder in (checkpoint, bundle):
        write_text(folder / CARD_NAME, text)
    manifest = replace(manifest, evaluation={"finetune": measured})
    write_json(bundle / MANIFEST_NAME, manifest.to_json())


def modelfile(manifest: BundleManifest, vocabulary: Vocabulary, *, chats: bool = False) -> str:
    """For Ollama: `.Suffix` in the template is what lets it insert.

    Args:
        chats: what isn't inserted is the answer to a message.
    """
    prefix, suffix, middle, end = (
        vocabulary.tokens[vocabulary.sentinel_ids[sentinel]]
        for sentinel in (Sentinel.PREFIX, Sentinel.SUFFIX, Sentinel.MIDDLE, Sentinel.END)
    )
    stops = [end, _CHAT_STOP] if chats else [end]
    return (
        f"FROM ./{MODEL_NAME}\n"
        f'TEMPLATE """{{{{- if .Suffix }}}}{prefix}{{{{ .Prompt }}}}{suffix}{{{{ .Suffix }}}}'
        f'{middle}{{{{ else }}}}{_CHAT if chats else "{{ .Prompt }}"}{{{{ end }}}}"""\n'
        f"PARAMETER num_ctx {manifest.context_size}\n"
        "PARAMETER temperature 0\n" + "".join(f'PARAMETER stop "{stop}"\n' for stop in stops)
    )


def serving(manifest: BundleManifest, base: str) -> str:
    """A section for the card: the command lines of other servers; `base` is the base's name."""
    how = f"-c {manifest.context_size} --temp 0"
    adapter = ""
    if ADAPTER_NAME in manifest.files:
        base_file = shlex.quote(f"../{base}/{MODEL_NAME}")
        adapter = f"""
`{ADAPTER_NAME}` holds the same change as an adapter of {base}, whose folder lies beside this one:

```
llama-server -m {base_file} --lora {ADAPTER_NAME} {how}
```
"""
    return f"""## Serving it elsewhere

In this folder:

```
llama-server -m {MODEL_NAME} {how}
ollama create {shlex.quote(manifest.name)} -f {MODELFILE_NAME}
```
{adapter}"""
