"""One check on the command line: which index belongs to a model, and what it says of a suggestion.

The workspace is the repository of the file, read only if something was found.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from attribution.commands.places import index_folder
from attribution.index import MANIFEST_NAME, open_index
from inkling.errors import InklingError
from inkling.working_tree import read_working_tree
from lsp_server.provenance.gate import Verdict, judge, unchecked
from lsp_server.provenance.own_code import OwnCode
from lsp_server.provenance.policy import SourcePolicy, read_policy
from lsp_server.suggest import language_of
from lsp_server.workspace import locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from attribution.findings import Own
    from inkling.bundle import Bundle
    from inkling.settings import Settings
    from lsp_server.documents import Document
    from lsp_server.exclusions import Hides

BUNDLED_INDEX = "attribution"
"""Folder of a bundle that may hold its index."""
NO_INDEX = "There is no index of the training data here."


def find_index(named: str | None, bundle: Bundle | None) -> Path | None:
    """Folder of the index: the one that was named ("" for none), else the bundle's own, else the
    default one."""
    if named is not None:
        return Path(named).expanduser() if named else None
    own = bundle.model_path.parent / BUNDLED_INDEX if bundle is not None else None
    places = [place for place in (own, index_folder(None)) if place is not None]
    return next((place for place in places if (place / MANIFEST_NAME).is_file()), None)


def corpus_of(bundle: Bundle | None) -> str | None:
    """Manifest hash of the corpus that a model was trained on, if its bundle says so."""
    return bundle.manifest.corpus if bundle is not None and bundle.manifest is not None else None


def policy_of(settings: Settings) -> SourcePolicy:
    """What the settings say of suggestions that have a source."""
    return read_policy(settings.attribution_policy or None) or SourcePolicy()


def workspace_files(
    folders: Iterable[Path], hides: Hides = lambda _path: False
) -> Iterator[tuple[str, str]]:
    """Path and text of the source files below some folders, without those that `hides` names."""
    for folder in folders:
        for name, text in read_working_tree(folder, hides):
            yield str(folder / name), text


def judge_once(
    settings: Settings, bundle: Bundle | None, document: Document, offset: int, text: str
) -> Verdict:
    """The verdict on a suggestion, however long it takes."""
    policy = policy_of(settings)
    folder = find_index(settings.attribution_index, bundle)
    if folder is None:
        return unchecked(NO_INDEX, policy)
    try:
        return judge(
            open_index(folder),
            (document.text or "")[:offset],
            text,
            language_of(document),
            policy,
            corpus=corpus_of(bundle),
            own=_own(document),
        )
    except InklingError as error:
        return unchecked(error.cause, policy)


def _own(document: Document) -> Own:
    @cache
    def repository() -> OwnCode:
        code = OwnCode()
        place = locate(document.path)
        if document.path is not None and place.path is not None:
            depth = place.path.count("/")
            code.load(workspace_files([document.path.parents[depth]]))
        return code

    inside = (document.text or "").replace("\r\n", "\n").replace("\r", "\n")
    return lambda text: text in inside or repository().holds(text)
