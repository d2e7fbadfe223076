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

export const BEGINNING = "def multiply(left, right):\n";
