"""Write the tiny model of the Python tests as a checkpoint: FOLDER."""

import sys
from pathlib import Path

from tests.tiny_model import build_tiny_checkpoint

build_tiny_checkpoint(Path(sys.argv[1]))
