"""Which files belong to a file, by its imports and its folder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkling.neighbours import related_paths

TREE = (
    "README.md", "app/__init__.py", "app/models/__init__.py", "app/models/user.py",
    "app/models/order.py", "app/views/page.py", "app/views/form.py", "app/util.py", "setup.py",
    "web/index.ts", "web/lib/api.ts", "web/lib/types.tsx", "core/list.h", "core/list.c",
    "core/main.c",
)  # fmt: skip


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("app/views/page.py", "from app.models.user import User\n",
         ["app/models/user.py", "app/views/form.py"]),
        ("app/views/page.py", "from ..models import order, user\n",
         ["app/models/order.py", "app/models/user.py"]),
        ("app/views/page.py", "import app.util\n", ["app/util.py", "app/views/form.py"]),
        ("web/index.ts", "import { get } from './lib/api';\n", ["web/lib/api.ts"]),
        ("core/main.c", '#include "list.h"\n', ["core/list.c", "core/list.h"]),
        ("setup.py", "x = 1\n", []),
    ],
)  # fmt: skip
def test_imported_files_come_first(path: str, text: str, expected: list[str]) -> None:
    assert related_paths(path, text, TREE)[: len(expected)] == expected


def test_only_files_of_its_kind_and_never_itself() -> None:
    found = related_paths("core/main.c", '#include "list.h"\nimport user\n', TREE)
    assert set(found) == {"core/list.c", "core/list.h"}


@given(st.text(alphabet="import from.x/\\\"'(),#{}\n", max_size=200))
def test_any_head_is_read(text: str) -> None:
    found = related_paths("app/util.py", text, TREE)
    assert set(found) <= set(TREE) - {"app/util.py"}
    assert len(set(found)) == len(found)
