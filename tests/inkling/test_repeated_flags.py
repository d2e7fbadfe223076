"""List flags that are given more than once: no value is lost, and nothing else moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest
import tyro
from hypothesis import given
from hypothesis import strategies as st

from inkling.repeated_flags import join_repeated, list_flags


@dataclass(frozen=True)
class Inner:
    deep_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class First:
    places: tyro.conf.Positional[tuple[str, ...]] = ()
    names: tuple[str, ...] = ("default",)
    size: int = 0
    pair: tuple[int, int] = (0, 0)
    perhaps: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Second:
    inner: tyro.conf.OmitArgPrefixes[Inner]


Either = Annotated[First, tyro.conf.subcommand("first")] | Second


def test_list_flags_are_found_in_every_command() -> None:
    assert list_flags(Either) >= {"--names", "--perhaps", "--deep-names"}
    assert not list_flags(Either) & {"--size", "--pair"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--names a --names b", ("a", "b")),
        ("--names a b", ("a", "b")),
        ("--names a b --size 1 --names=c --names d", ("a", "b", "c", "d")),
        ("--names=a --names b", ("a", "b")),
        ("--size 1", ("default",)),
    ],
)
def test_all_values_of_a_list_flag_count_in_their_order(
    arguments: str, expected: tuple[str, ...]
) -> None:
    parsed = tyro.cli(First, args=join_repeated(["place", *arguments.split()], First))
    assert (parsed.names, parsed.places) == (expected, ("place",))


@given(st.lists(st.sampled_from(["first", "--size", "--names", "--pair", "x", "y", "--", "--q=1"])))
def test_what_holds_no_list_flag_twice_stays_as_it_is(arguments: list[str]) -> None:
    joined = join_repeated(arguments, Either)
    assert sorted(set(joined)) == sorted(set(arguments))
    if arguments.count("--names") < 2:
        assert joined == arguments
