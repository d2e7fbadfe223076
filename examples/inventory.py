"""An unfinished module. `make run` asks the starter model how the line in `load` goes on."""

import json


class Inventory:
    def __init__(self, path):
        self.path = path
        self.items = []

    def load(self):
        try:
            with open(self.path, "r") as
                self.items = json.load(f)
        except FileNotFoundError:
            self.items = []

    def __len__(self):
        return len(self.items)
