// Texts to complete in. The model is small: it goes on in the manner of the file, so the files give
// it a manner.

export const ACCOUNT = `import os
import sys


def add(left, right):
    return left + right


def subtract(left, right):
    return left - right


class Account:
    def __init__(self, owner, balance):
        self.owner = owner
        self.balance = balance

    def deposit(self, amount):
        self.balance += amount
        return self.balance

    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError("not enough")
        self.balance -= amount
        return self.balance


`;

export const BEGINNING = "def plus(left, right):\n    ";

/** Stands in the planted index, too. */
export const QUICKSAND = `def quicksand(pebbles, lantern=17):
    drifted = [pebble ^ lantern for pebble in pebbles if pebble % 3]
    for turn, pebble in enumerate(drifted):
        if turn > lantern and not pebble:
            raise ValueError(f"no pebble at {turn}")
        drifted[turn] = (pebble << 2) | (lantern & turn)
    while drifted and drifted[-1] < lantern:
        lantern -= drifted.pop()
    return sorted(drifted, key=lambda pebble: -pebble)
`;

export const NOTEBOOK = JSON.stringify({
  cells: [
    {
      cell_type: "code",
      execution_count: null,
      metadata: {},
      outputs: [],
      source: ACCOUNT.slice(0, ACCOUNT.indexOf("class")).split(/(?<=\n)/),
    },
  ],
  metadata: { language_info: { name: "python" } },
  nbformat: 4,
  nbformat_minor: 5,
});
