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

/** Stands nowhere: an index is made of it together with what the model goes on with. */
export const MARBLES = `def marblerun(marbles, torch=19):
    rolled = [marble ^ torch for marble in marbles if marble % 5]
    for lap, marble in enumerate(rolled):
        if lap > torch and not marble:
            raise LookupError(f"lost a marble at {lap}")
        rolled[lap] = (marble << 3) | (torch & lap)
    while rolled and rolled[-1] < torch:
        torch -= rolled.pop()
`;
export const MARBLES_TYPED = "    return sorted(";

/** Settings with which only what stands in the workspace is suggested. */
export const MEMORY_ALONE = { "inkling.source": "memory", "inkling.minProbability": 0.05 };

/** What only one file of the workspace says, and a beginning that it goes on with. */
export const VAULT = "def show(screen):\n    screen.draw_at(left, top).with_border(double)\n";
export const VAULT_BEGINNING = "def other(screen):\n    screen.draw_at(left";
export const VAULT_REST = ", top).with_border(double)";

/** The same over several lines. */
export const PARCEL = `def wrap(parcel):
    parcel.fold_over(paper, twice)
    parcel.tie_up(ribbon, bow)
    parcel.write_on(label, address)
    return parcel.weigh(scales)
`;
export const PARCEL_BEGINNING = "def pack(parcel):\n    parcel.fold_over(paper";
