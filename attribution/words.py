"""The words that keep a symbol of their own: keywords of common languages, Python's built-ins.

A Python file knows only Python's, or a variable `val` or `end` could not be renamed; in other
languages the keywords of all of them count.

Fixed lists rather than what the running Python has: an index holds symbols, so a list that changes
with the interpreter would make indexes of different machines disagree. Append only; removing or
reordering needs a new `SYMBOLS_VERSION`.
"""

SYMBOLS_VERSION = 1

PYTHON_KEYWORDS = (
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class",
    "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if",
    "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try",
    "while", "with", "yield",
)  # fmt: skip

OTHER_KEYWORDS = (
    "abstract", "bool", "boolean", "byte", "case", "catch", "char", "const", "default", "defer",
    "delete", "do", "double", "enum", "export", "extends", "extern", "false", "final", "fn",
    "float", "func", "function", "go", "goto", "impl", "implements", "inline", "int", "interface",
    "internal", "let", "long", "match", "mut", "namespace", "new", "nil", "null", "operator",
    "override", "package", "private", "protected", "public", "range", "ref", "select", "short",
    "sizeof", "static", "string", "struct", "super", "switch", "template", "then", "this", "throw",
    "throws", "trait", "true", "type", "typedef", "typeof", "union", "unless", "unsafe",
    "unsigned", "use", "using", "val", "var", "virtual", "void", "volatile", "when", "where",
    "end", "begin", "module", "require", "elsif", "local", "echo", "fi", "done", "esac",
)  # fmt: skip

# Without those that often name a variable (`id`, `input`, `hash`, `dir`).
PYTHON_BUILTINS = (
    "abs", "all", "any", "bytes", "callable", "chr", "classmethod", "dict", "divmod",
    "enumerate", "filter", "frozenset", "getattr", "hasattr", "isinstance",
    "issubclass", "iter", "len", "list", "map", "max", "min", "next", "object", "open", "ord",
    "pow", "print", "property", "repr", "reversed", "round", "set", "setattr", "slice", "sorted",
    "staticmethod", "str", "sum", "tuple", "vars", "zip",
    "AttributeError", "Exception", "ImportError", "IndexError", "KeyError", "NotImplementedError",
    "OSError", "RuntimeError", "StopIteration", "TypeError", "ValueError",
)  # fmt: skip
