"""Paired bootstrap by cluster."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evaluation.bootstrap import paired_interval


def test_identical_systems_differ_by_nothing() -> None:
    scores = list(np.random.default_rng(0).random(60))
    interval = paired_interval(scores, scores, [1.0] * 60, [n // 3 for n in range(60)])
    assert (interval.difference, interval.low, interval.high) == (0, 0, 0)
    assert not interval.excludes_zero


def test_two_systems_that_are_equally_good_include_zero() -> None:
    generator = np.random.default_rng(1)
    first, second = generator.random(300), generator.random(300)
    interval = paired_interval(first, second, [1.0] * 300, range(300))
    assert interval.low < 0 < interval.high
    assert not interval.excludes_zero


def test_a_clear_difference_excludes_zero_and_is_the_ratio_of_sums() -> None:
    generator = np.random.default_rng(2)
    size = generator.integers(5, 50, 200).astype(float)
    second = size * 2.0
    first = second - size * generator.normal(0.5, 0.1, 200)
    interval = paired_interval(first, second, size, [n // 2 for n in range(200)])
    assert interval.difference == pytest.approx((first - second).sum() / size.sum())
    assert interval.low < interval.difference < interval.high < 0
    assert interval.excludes_zero
    assert interval.clusters == 100


def test_the_interval_has_the_width_that_theory_gives_for_independent_holes() -> None:
    difference = np.random.default_rng(3).normal(0, 1, 2000)
    interval = paired_interval(difference, np.zeros(2000), np.ones(2000), range(2000))
    expected = 2 * 1.96 * difference.std() / math.sqrt(2000)
    assert interval.high - interval.low == pytest.approx(expected, rel=0.08)


def test_holes_of_one_file_that_agree_count_as_one() -> None:
    outcome = np.random.default_rng(4).normal(0, 1, 50)
    alone = paired_interval(outcome, np.zeros(50), np.ones(50), range(50))
    fourfold = np.repeat(outcome, 4)
    clusters = np.repeat(np.arange(50), 4)
    together = paired_interval(fourfold, np.zeros(200), np.ones(200), list(clusters))
    assert together.high - together.low == pytest.approx(alone.high - alone.low, rel=0.05)


def test_the_seed_fixes_the_interval() -> None:
    scores = list(np.random.default_rng(5).random(40))
    arguments = (scores, [0.5] * 40, [1.0] * 40, range(40))
    assert paired_interval(*arguments, seed=7) == paired_interval(*arguments, seed=7)
    assert paired_interval(*arguments, seed=7) != paired_interval(*arguments, seed=8)


def test_one_cluster_has_no_interval() -> None:
    interval = paired_interval([1.0], [0.0], [1.0], ["only.py"])
    assert interval.difference == 1.0
    assert math.isnan(interval.low)
    assert not interval.excludes_zero
