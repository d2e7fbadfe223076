"""Comparing answers of the model, and texts to ask about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inkling.layout import split_at_cursor
from lsp_server.engine.records import CompletionRequest

if TYPE_CHECKING:
    from lsp_server.engine.records import Completion

SOURCE = '''"""Sums — ünïcode 😀 漢字."""

import os
import sys


class Account:
    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("amount must be positive")
        self.balance += amount
        return self.balance

\tdef tabs(self): pass


def main():
    account = Account("Zoë")
    print(account.deposit(10))
    return 0
'''
LINE = "        return self.balance\n"
BEGUN = SOURCE.replace(LINE, "        retu\n", 1)
"""`SOURCE` while one of its lines is being typed: what is left to suggest isn't there already."""
CURSOR = BEGUN.index("        retu\n") + len("        retu")
# Batches of other sizes take other kernels, so logits agree to about three digits only.
TIE = 0.05


def request_at(cursor: int, text: str = SOURCE, tokens: int = 12) -> CompletionRequest:
    context = split_at_cursor(text, cursor, path="bank/account.py", repo="bank")
    return CompletionRequest(context, max_new_tokens=tokens)


def assert_same_answer(left: Completion, right: Completion) -> None:
    """Equal token by token up to a tie: where two tokens are equally likely, either may win."""
    for index, (a, b) in enumerate(zip(left.tokens, right.tokens, strict=False)):
        gap = abs(left.logprobs[index] - right.logprobs[index])
        assert gap < TIE, (index, left, right)
        if a != b:
            return
    if len(left.tokens) == len(right.tokens):
        assert left.text == right.text
        assert left.finish_reason == right.finish_reason
