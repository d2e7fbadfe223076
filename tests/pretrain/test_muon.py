"""The optimizer against torch's own, on toy problems."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest
import torch

from pretrain.muon import MuonAdamW, build_optimizer, orthogonalized

if TYPE_CHECKING:
    from collections.abc import Callable


def parameter(*shape: int, seed: int = 0) -> torch.nn.Parameter:
    generator = torch.Generator().manual_seed(seed)
    return torch.nn.Parameter(torch.randn(*shape, generator=generator))


def descend(
    optimizer: torch.optim.Optimizer, loss: Callable[[], torch.Tensor], steps: int
) -> list[float]:
    values = []
    for _ in range(steps):
        optimizer.zero_grad()
        value = loss()
        value.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        values.append(value.item())
    return values


def distance(left: torch.nn.Parameter, right: torch.nn.Parameter) -> Callable[[], torch.Tensor]:
    """A loss with a different gradient each step."""
    return lambda: ((left @ left.mT).tanh() - (right @ right.mT).tanh()).square().sum()


@pytest.mark.parametrize("shape", [(3, 64, 64), (2, 32, 128), (2, 128, 32), (1, 256, 16)])
def test_the_singular_values_of_an_orthogonalized_matrix_are_near_one(
    shape: tuple[int, int, int],
) -> None:
    matrices = torch.randn(*shape, generator=torch.Generator().manual_seed(1))
    result = orthogonalized(matrices)
    assert result.shape == matrices.shape
    values = torch.linalg.svdvals(result)
    assert values.min() > 0.3  # the quintic trades exactness for speed
    assert values.max() < 1.3
    assert 0.7 < values.mean() < 1.15


def test_orthogonalizing_keeps_the_singular_vectors() -> None:
    matrix = torch.randn(1, 24, 24, generator=torch.Generator().manual_seed(2))
    left, _, right = torch.linalg.svd(matrix)
    rotated = left.mT @ orthogonalized(matrix) @ right.mT
    off_diagonal = rotated - torch.diag_embed(torch.diagonal(rotated, dim1=-2, dim2=-1))
    assert off_diagonal.abs().max() < 1e-4


def test_a_batch_is_orthogonalized_as_its_matrices_are() -> None:
    batch = torch.randn(3, 16, 48, generator=torch.Generator().manual_seed(3))
    alone = torch.cat([orthogonalized(matrix[None]) for matrix in batch])
    torch.testing.assert_close(orthogonalized(batch), alone)


def test_a_gradient_of_zero_gives_no_nan() -> None:
    assert torch.equal(orthogonalized(torch.zeros(1, 4, 8)), torch.zeros(1, 4, 8))


def test_the_adamw_part_equals_torch_adamw() -> None:
    ours, theirs, goal = parameter(8, 6), parameter(8, 6), parameter(8, 6, seed=1)
    settings = {"lr": 0.03, "weight_decay": 0.1}
    our_losses = descend(MuonAdamW([{"params": [ours]}], **settings), distance(ours, goal), 50)
    reference = torch.optim.AdamW([theirs], betas=(0.9, 0.95), eps=1e-8, **settings)
    their_losses = descend(reference, distance(theirs, goal), 50)
    assert our_losses[-1] < 0.5 * our_losses[0]
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
    assert our_losses == pytest.approx(their_losses, rel=1e-3)


@pytest.mark.parametrize("shape", [(24, 24), (16, 64), (64, 16)])
def test_the_muon_part_is_close_to_torch_muon(shape: tuple[int, int]) -> None:
    """torch iterates in bfloat16, so single entries differ; after ten steps by a few per cent."""
    ours, theirs, start = parameter(*shape), parameter(*shape), parameter(*shape)
    settings = {"lr": 0.02, "weight_decay": 0.1}
    reference = torch.optim.Muon(
        [theirs], momentum=0.95, nesterov=True, adjust_lr_fn="match_rms_adamw", **settings
    )
    optimizer = MuonAdamW([{"params": [ours], "muon": True}], **settings)
    goal = parameter(*shape, seed=1)
    descend(optimizer, distance(ours, goal), 10)
    descend(reference, distance(theirs, goal), 10)
    moved = (theirs - start).norm().item()
    assert (ours - theirs).norm().item() < 0.1 * moved
    assert (ours - start).norm().item() == pytest.approx(moved, rel=0.05)


def test_an_update_has_the_size_of_an_adamw_update() -> None:
    """0.2 times the learning rate in root mean square, whatever the shape."""
    for shape in ((64, 64), (32, 256)):
        weight = parameter(*shape)
        before = weight.detach().clone()
        optimizer = MuonAdamW([{"params": [weight], "muon": True}], lr=0.01, weight_decay=0)
        descend(optimizer, distance(weight, parameter(*shape, seed=1)), 1)
        change = (weight.detach() - before).square().mean().sqrt().item()
        assert change == pytest.approx(0.2 * 0.01, rel=0.25)


def test_matrices_of_one_shape_do_not_disturb_each_other() -> None:
    together, alone = [parameter(8, 8), parameter(8, 8, seed=1)], parameter(8, 8)
    goal = parameter(8, 8, seed=2)
    descend(
        MuonAdamW([{"params": together, "muon": True}], lr=0.02),
        lambda: distance(together[0], goal)() + distance(together[1], goal)(),
        5,
    )
    descend(MuonAdamW([{"params": [alone], "muon": True}], lr=0.02), distance(alone, goal), 5)
    torch.testing.assert_close(together[0], alone)


def test_a_parameter_without_a_gradient_stays() -> None:
    idle = [parameter(4, 4), parameter(4, 4)]
    groups = [{"params": idle[:1], "muon": True}, {"params": idle[1:]}]
    before = copy.deepcopy(idle)
    MuonAdamW(groups, lr=0.1).step()
    assert all(torch.equal(now, then) for now, then in zip(idle, before, strict=True))


def test_the_state_round_trips() -> None:
    def run(split: bool) -> list[torch.nn.Parameter]:
        weights = [parameter(12, 12), parameter(12, 12, seed=1)]
        goal = parameter(12, 12, seed=2)

        def loss() -> torch.Tensor:
            return distance(weights[0], goal)() + distance(weights[1], goal)()

        def fresh() -> MuonAdamW:
            groups = [{"params": weights[:1], "muon": True}, {"params": weights[1:]}]
            return MuonAdamW(groups, lr=0.02)

        optimizer = fresh()
        descend(optimizer, loss, 5)
        if split:
            state = copy.deepcopy(optimizer.state_dict())
            optimizer = fresh()
            optimizer.load_state_dict(state)
        descend(optimizer, loss, 5)
        return weights

    for whole, halves in zip(run(False), run(True), strict=True):
        assert torch.equal(whole, halves)


def test_matrices_of_blocks_get_muon_and_all_else_adamw_without_decay() -> None:
    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed_tokens = torch.nn.Embedding(5, 4)
            self.projection = torch.nn.Linear(4, 4)
            self.norm = torch.nn.LayerNorm(4)
            self.lm_head = torch.nn.Linear(4, 5, bias=False)

    model = Model()
    muon, adamw = build_optimizer(model, lr=0.1, weight_decay=0.3).param_groups
    assert [id(p) for p in muon["params"]] == [id(model.projection.weight)]
    assert (muon["muon"], muon["weight_decay"]) == (True, 0.3)
    assert len(adamw["params"]) == 5
    assert (adamw["muon"], adamw["weight_decay"]) == (False, 0.0)
