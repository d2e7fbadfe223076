"""Language by content: what extensions leave open, patterns and editors' marks settle."""

from __future__ import annotations

import pytest

from curation.language_content import detect


@pytest.mark.parametrize(
    ("path", "text", "language", "by"),
    [
        ("a.py", "x = 1\n", "python", "name"),
        ("a.h", "#include <stdio.h>\nint f(void);\n", "c", "name"),
        ("a.h", "#pragma once\nnamespace a {\nclass B;\n}\n", "c++", "content"),
        ("a.h", "template <typename T>\nT f();\n", "c++", "content"),
        ("a.h", "/* a class A {} in a comment */ int f(void);\n", "c", "name"),
        ("a.h", "#import <Foundation/Foundation.h>\n@interface A : NSObject\n@end\n",
         "objective-c", "content"),
        ("a.ts", "export const a: number = 1;\n", "typescript", "name"),
        ("a.ts", '<?xml version="1.0"?>\n<TS version="2.1">\n', "xml", "content"),
        ("a.pl", "#!/usr/bin/perl\nuse strict;\nmy $x = 1;\n", "perl", "content"),
        ("a.pl", ":- module(a, [b/1]).\nb(X) :- c(X).\n", "prolog", "content"),
        ("a.php", "<?hh\nfunction f(): void {}\n", "hack", "content"),
        ("a.md", "# Title\n", "markdown", "name"),
        ("a.md", "(define_insn \"add\")\n", "gcc-machine-description", "content"),
        ("tool", "#!/usr/bin/env python3\n", "python", "first line"),
        ("tool", "#!/bin/sh\n", "shell", "first line"),
        ("tool", "# -*- mode: ruby -*-\nputs 1\n", "ruby", "mark"),
        ("tool", "puts 1\n# vim: set ft=ruby :\n", "ruby", "mark"),
        ("tool", "<?php echo 1;\n", "php", "content"),
        ("page", "<!DOCTYPE html>\n<html>\n", "html", "content"),
        ("Makefile", "all:\n", "makefile", "name"),
        ("a.py", "# -*- coding: utf-8 -*-\nx = 1\n", "python", "name"),
        ("a.py", "# vim: ts=4 sw=4\n", "python", "name"),
        ("a.inc", "// vim: ft=cpp\n", "c++", "mark"),
    ],
)  # fmt: skip
def test_the_language_and_what_gave_it_away(path: str, text: str, language: str, by: str) -> None:
    found = detect(path, text)
    assert found is not None
    assert (found.language, found.by) == (language, by)


@pytest.mark.parametrize(
    ("path", "text"),
    [("data", "1 2 3\n"), ("a.unheard", "<?php\n"), ("tool", "# vim: ft=klingon\n")],
)
def test_what_nothing_tells_stays_unknown(path: str, text: str) -> None:
    assert detect(path, text) is None


def test_a_mark_deep_inside_a_text_says_nothing() -> None:
    text = "x = 1\n" * 50 + "# vim: ft=ruby\n" + "x = 1\n" * 500
    found = detect("a.py", text)
    assert found is not None
    assert found.language == "python"
