"""Which packages are held out: by a hash of the name, within the limits of size, or an error."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.heldout import MAX_SHARE, MIN_PACKAGE_BYTES, HeldoutRule, choose_heldout
from inkling.errors import InklingError

SIZES = {f"package-{number}": 200_000 for number in range(40)}


def by_hash(names: dict[str, int]) -> list[str]:
    return sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())


def test_nothing_is_held_out_unless_asked_for() -> None:
    assert choose_heldout(SIZES, HeldoutRule()) == frozenset()


def test_the_first_by_hash_of_the_name_are_taken() -> None:
    assert choose_heldout(SIZES, HeldoutRule(packages=3)) == set(by_hash(SIZES)[:3])


def test_as_many_are_taken_as_the_bytes_need() -> None:
    assert choose_heldout(SIZES, HeldoutRule(2, 900_000)) == set(by_hash(SIZES)[:5])
    assert choose_heldout(SIZES, HeldoutRule(0, 900_000)) == set(by_hash(SIZES)[:5])


@given(st.permutations(sorted(SIZES)), st.integers(1, 20))
def test_neither_order_nor_sizes_within_the_limits_matter(names: list[str], count: int) -> None:
    sizes = {name: 150_000 + 1_000 * position for position, name in enumerate(names)}
    assert choose_heldout(sizes, HeldoutRule(count)) == choose_heldout(SIZES, HeldoutRule(count))


def test_an_unrelated_package_does_not_change_the_order_of_the_others() -> None:
    before = choose_heldout(SIZES, HeldoutRule(packages=5))
    for number in range(30):
        grown = SIZES | {f"unrelated-{number}": 200_000}
        after = choose_heldout(grown, HeldoutRule(packages=5))
        assert after - set(grown.keys() - SIZES.keys()) <= before
        assert len(before - after) <= 1  # the newcomer may push out the last one


def test_packages_too_small_or_too_large_are_passed_over() -> None:
    first, second, third = by_hash(SIZES)[:3]
    total = sum(SIZES.values())
    sizes = SIZES | {first: MIN_PACKAGE_BYTES - 1, second: round(total * MAX_SHARE * 2)}
    assert choose_heldout(sizes, HeldoutRule(packages=1)) == {third}
    exact = SIZES | {first: MIN_PACKAGE_BYTES}
    assert choose_heldout(exact, HeldoutRule(packages=1)) == {first}


@pytest.mark.parametrize("rule", [HeldoutRule(41), HeldoutRule(1, 10**9), HeldoutRule(0, 10**9)])
def test_too_little_to_hold_out_is_an_error_that_says_how_much_there_is(rule: HeldoutRule) -> None:
    with pytest.raises(InklingError, match="40 packages of together 8,000,000 bytes"):
        choose_heldout(SIZES, rule)
