"""Repository memory: what the working tree itself says comes next, without training."""
