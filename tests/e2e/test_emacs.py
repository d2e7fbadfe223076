"""Emacs with eglot, set up as docs/editors.md says, offers the suggestion in its menu."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lsp_server.answers import SOURCE
from tests.lsp_server.editor import INKLING

EMACS = shutil.which("emacs")


def _has_eglot() -> bool:
    if EMACS is None:
        return False
    command = [EMACS, "--batch", "--eval", "(require 'eglot)"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not _has_eglot(), reason="Emacs with eglot is not installed"),
]

EDITORS_PAGE = Path(__file__).parents[2] / "docs" / "editors.md"
LINE = SOURCE[: SOURCE.index("        return self.balance")].count("\n") + 1
DRIVER = """
(setq eglot-sync-connect 60 eglot-connect-timeout 60 eglot-autoshutdown t)
(find-file "account.py")
(call-interactively #'eglot)
(let ((server (eglot-current-server)) (tries 600))
  (while (and (> (setq tries (1- tries)) 0)
              (not (equal (plist-get (jsonrpc-request server :inkling/status nil) :state) "ready")))
    (sleep-for 0.1))
  (goto-char (point-min))
  (forward-line (1- LINE))
  (delete-region (point) (line-end-position))
  (insert "        retu")
  (eglot--signal-textDocument/didChange)
  (let* ((table (eglot-completion-at-point))
         (found (all-completions "retu" (nth 2 table))))
    (with-temp-file "result.txt"
      (dolist (candidate found)
        (insert (substring-no-properties candidate) "\\n"))))
  (set-buffer-modified-p nil)
  (eglot-shutdown server))
"""


def test_the_menu_has_the_suggestion(tmp_path: Path, tiny_bundle: Path) -> None:
    found = re.search(r"```elisp\n(.*?)```", EDITORS_PAGE.read_text(), re.DOTALL)
    assert found is not None
    (tmp_path / "account.py").write_text(SOURCE)
    setup = found[1].replace("(add-hook", ";; the driver connects itself\n;; (add-hook")
    (tmp_path / "driver.el").write_text(setup + DRIVER.replace("LINE", str(LINE)))
    environment = {
        **os.environ,
        "PATH": f"{INKLING.parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "INKLING_HOME": str(tmp_path / "inkling"),
        "INKLING_MODEL": str(tiny_bundle),
    }
    done = subprocess.run(
        [str(EMACS), "--batch", "-l", "driver.el"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (candidate,) = (tmp_path / "result.txt").read_text().splitlines()
    assert candidate.startswith("retu")
    assert len(candidate) > len("retu")
