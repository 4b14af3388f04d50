"""Columns of the node table: numpy arrays with a value for each row."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]  # one truth for each row
Ints = NDArray[np.int64]

V = TypeVar("V", bound=Hashable)
S = TypeVar("S", bound=np.generic)

FIRST_ROWS = 16


def grown(values: NDArray[S], rows: int) -> NDArray[S]:
    """`values` with room for `rows`, zeros in what is new; itself while it is long enough."""
    if rows <= len(values):
        return values
    larger = np.zeros(max(rows, 2 * len(values), FIRST_ROWS), values.dtype)
    larger[: len(values)] = values
    return larger


class Interned(Generic[V]):
    """Values of any kind, each kept once and numbered; the column holds the numbers.

    A question about values is answered once a distinct value, then spread over all rows:

        row     0     1     2     3
        value   ssd   hdd   -     ssd        ids: ssd 1, hdd 2; 0 stands for no value
        ids     1     2     0     1
        where(lambda v: v == "ssd")  →  truth by id [F, T, F]  →  [T, F, F, T]
    """

    def __init__(self) -> None:
        self._ids = np.zeros(FIRST_ROWS, np.int32)
        self._values: list[V] = []  # of id 1, 2, ...
        self._numbers: dict[V, int] = {}

    def set(self, row: int, value: V | None) -> None:
        self._ids = grown(self._ids, row + 1)
        if value is None:
            self._ids[row] = 0
            return
        number = self._numbers.get(value)
        if number is None:
            if len(self._values) > 2 * len(self._ids):
                self._forget_unused()
            self._values.append(value)
            number = self._numbers[value] = len(self._values)
        self._ids[row] = number

    def get(self, row: int) -> V | None:
        number = int(self._ids[row]) if row < len(self._ids) else 0
        return self._values[number - 1] if number else None

    def present(self, rows: int) -> Mask:
        """Which rows have a value."""
        return self._view(rows) > 0

    def among(self, rows: int, values: Iterable[V]) -> Mask:
        """Which rows have one of `values`."""
        numbers = [self._numbers[value] for value in values if value in self._numbers]
        if len(numbers) == 1:
            return np.equal(self._view(rows), numbers[0])
        truth = np.zeros(len(self._values) + 1, np.bool_)
        truth[numbers] = True
        return truth[self._view(rows)]

    def where(self, rows: int, test: Callable[[V], bool]) -> Mask:
        """Which rows have a value that passes `test`, asked once a distinct value."""
        truth = np.fromiter((False, *map(test, self._values)), np.bool_, len(self._values) + 1)
        return truth[self._view(rows)]

    def each(self, rows: int, measure: Callable[[V], int]) -> Ints:
        """A number for each row, measured once a distinct value; 0 without a value."""
        numbers = np.fromiter((0, *map(measure, self._values)), np.int64, len(self._values) + 1)
        return numbers[self._view(rows)]

    def _view(self, rows: int) -> NDArray[np.int32]:
        self._ids = grown(self._ids, rows)
        return self._ids[:rows]

    def _forget_unused(self) -> None:
        used, numbers = np.unique(self._ids, return_inverse=True)
        values = [self._values[number - 1] for number in used if number]
        if used[0] != 0:
            numbers = numbers + 1  # nobody is without a value, but 0 stays reserved
        self._ids = numbers.astype(np.int32)
        self._values = values
        self._numbers = {value: number for number, value in enumerate(values, 1)}
