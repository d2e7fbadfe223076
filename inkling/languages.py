"""The language table: names, extensions, interpreters and comment syntax.

Names follow GitHub Linguist, lower-cased; `lsp_ids` are the language identifiers of the LSP
specification where they differ. Detection here is by name and first line only; it opens no file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True)
class Language:
    """One row of the table. `grammar` is the tree-sitter wheel that parses it, if we use one."""

    name: str
    extensions: tuple[str, ...]
    line_comment: str | None
    interpreters: tuple[str, ...] = ()
    file_names: tuple[str, ...] = ()
    lsp_ids: tuple[str, ...] = ()
    grammar: str | None = None


LANGUAGES: tuple[Language, ...] = (
    Language("python", (".py", ".pyi", ".pyw"), "#", ("python", "python3", "pypy3"),
             ("SConstruct", "SConscript", "wscript"), grammar="tree_sitter_python"),
    Language("javascript", (".js", ".mjs", ".cjs", ".jsx"), "//", ("node", "deno", "bun"),
             ("Jakefile",), ("javascriptreact",), "tree_sitter_javascript"),
    Language("typescript", (".ts", ".mts", ".cts", ".tsx"), "//", ("ts-node", "tsx"),
             lsp_ids=("typescriptreact",), grammar="tree_sitter_typescript"),
    Language("java", (".java",), "//", grammar="tree_sitter_java"),
    Language("c", (".c", ".h"), "//", grammar="tree_sitter_c"),
    Language("c++", (".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx"), "//",
             lsp_ids=("cpp",), grammar="tree_sitter_cpp"),
    Language("c#", (".cs",), "//", lsp_ids=("csharp",), grammar="tree_sitter_c_sharp"),
    Language("go", (".go",), "//", grammar="tree_sitter_go"),
    Language("rust", (".rs",), "//", grammar="tree_sitter_rust"),
    Language("ruby", (".rb", ".rake", ".gemspec"), "#", ("ruby",), ("Rakefile", "Gemfile"),
             grammar="tree_sitter_ruby"),
    Language("php", (".php",), "//", ("php",), grammar="tree_sitter_php"),
    Language("kotlin", (".kt", ".kts"), "//"),
    Language("swift", (".swift",), "//"),
    Language("scala", (".scala", ".sc"), "//"),
    Language("lua", (".lua",), "--", ("lua",)),
    Language("perl", (".pl", ".pm"), "#", ("perl",)),
    Language("r", (".r", ".R"), "#", ("Rscript",)),
    Language("julia", (".jl",), "#", ("julia",)),
    Language("haskell", (".hs",), "--"),
    Language("shell", (".sh", ".bash", ".zsh"), "#", ("sh", "bash", "zsh", "dash"),
             lsp_ids=("shellscript",), grammar="tree_sitter_bash"),
    Language("sql", (".sql",), "--"),
    Language("html", (".html", ".htm"), None),
    Language("css", (".css",), None),
    Language("json", (".json",), None),
    Language("yaml", (".yaml", ".yml"), "#"),
    Language("toml", (".toml",), "#"),
    Language("markdown", (".md", ".markdown"), None),
    Language("makefile", (".mk",), "#", file_names=("Makefile", "GNUmakefile", "makefile")),
    Language("dockerfile", (".dockerfile",), "#", file_names=("Dockerfile", "Containerfile")),
    Language("cmake", (".cmake",), "#", file_names=("CMakeLists.txt",)),
)  # fmt: skip

BY_NAME = {language.name: language for language in LANGUAGES}
_BY_EXTENSION = {e: language for language in LANGUAGES for e in language.extensions}
_BY_FILE_NAME = {n: language for language in LANGUAGES for n in language.file_names}
_BY_INTERPRETER = {i: language for language in LANGUAGES for i in language.interpreters}
_BY_LSP_ID = {i: language for language in LANGUAGES for i in (language.name, *language.lsp_ids)}
_SHEBANG = re.compile(r"#!\s*\S*?/(?:env\s+(?:-S\s+)?)?(?P<name>[^\s/]+)(?:\s|$)")


def detect_language(path: str | PurePath, first_line: str = "") -> Language | None:
    """The language of a file by its name, its extension, then the interpreter of its first line."""
    name = PurePath(path).name
    suffix = PurePath(path).suffix
    found = (
        _BY_FILE_NAME.get(name) or _BY_EXTENSION.get(suffix) or _BY_EXTENSION.get(suffix.lower())
    )
    if found is not None:
        return found
    shebang = _SHEBANG.match(first_line)
    if shebang is None:
        return None
    interpreter = shebang["name"]
    return _BY_INTERPRETER.get(interpreter) or _BY_INTERPRETER.get(
        interpreter.rstrip("0123456789.")
    )


def from_lsp_id(language_id: str) -> Language | None:
    """The language of an LSP `languageId` such as `python` or `typescriptreact`."""
    return _BY_LSP_ID.get(language_id.lower())
