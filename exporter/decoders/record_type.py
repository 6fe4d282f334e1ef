"""Typed records: from the leaves that a model needs to a parser that looks at nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from exporter.decoders.leaf import Leaf
from exporter.decoders.typed import Column

Record = Any  # an instance of a struct type that is made at run time
Columns = Mapping[tuple[str, ...], Column]


class PathClashError(ValueError):
    """Two fields are configured to lie where they cannot both be."""


class RecordType:
    """A struct type with one attribute a leaf, nested as the paths are.

    Records are not tracked by the garbage collector, so a micro-batch of them costs little more than parsing.
    Two scalar leaves may share a path; the first one's type is checked, so narrower types come first. Raises
    PathClashError for other leaves that meet.
    """

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        self.leaves = leaves
        self._tree: dict[str, Any] = {}
        for leaf in leaves:
            self._place(leaf)
        self._is_typed = all(is_spellable(key) for leaf in leaves for key in leaf.path)
        self._types: dict[tuple[str, ...], Any] = {}
        self._struct = self._define(self._tree, ())
        self.parse: Callable[[bytes], Record] = msgspec.json.Decoder(self._struct).decode if self._is_typed else _refuse

    def columns(self, records: Sequence[Record]) -> Columns:
        """Return the values (n,) of n records by path."""
        columns: dict[tuple[str, ...], Column] = {}
        _unfold(self._tree, (), records, columns)
        return columns

    def build(self, values: Mapping[tuple[str, ...], Any]) -> Record:
        """Make a record from values by path, without checking them."""
        return self._instance(self._tree, (), values)

    def _place(self, leaf: Leaf) -> None:
        node = self._tree
        for key in leaf.path[:-1]:
            node = node.setdefault(key, {})
            if isinstance(node, Leaf):
                raise PathClashError(f"{'.'.join(leaf.path)}: {node.name} is configured to be the value above it")
        there = node.setdefault(leaf.path[-1], leaf)
        if isinstance(there, dict):
            raise PathClashError(f"{'.'.join(leaf.path)}: this value of {leaf.name} is configured to hold other fields")
        if there is not leaf and not (there.scalar and leaf.scalar):
            raise PathClashError(f"{'.'.join(leaf.path)}: this cannot be both {there.name} and {leaf.name}")

    def _define(self, node: dict[str, Any], path: tuple[str, ...]) -> Any:
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
        names = {}
        for i, (key, child) in enumerate(node.items()):
            name = f"f{i}"
            names[name] = key
            if isinstance(child, Leaf):
                fields.append((name, child.fast_type) if child.required else (name, child.fast_type, None))
            else:
                inner = self._define(child, (*path, key))
                fields.append((name, inner, msgspec.field(default_factory=inner)))
        struct = msgspec.defstruct("Record", fields, rename=names if self._is_typed else None, gc=False, kw_only=True)
        self._types[path] = struct
        return struct

    def _instance(self, node: dict[str, Any], path: tuple[str, ...], values: Mapping[tuple[str, ...], Any]) -> Record:
        arguments = {}
        for i, (key, child) in enumerate(node.items()):
            below = (*path, key)
            is_leaf = isinstance(child, Leaf)
            arguments[f"f{i}"] = values[below] if is_leaf else self._instance(child, below, values)
        return self._types[path](**arguments)


def _unfold(
    node: dict[str, Any],
    path: tuple[str, ...],
    records: Sequence[Record],
    columns: dict[tuple[str, ...], Column],
) -> None:
    """Turn records of one level, and what is inside them, into columns."""
    values = list(zip(*map(msgspec.structs.astuple, records), strict=True)) or [()] * len(node)
    for (key, child), column in zip(node.items(), values, strict=True):
        if isinstance(child, Leaf):
            columns[(*path, key)] = column
        else:
            _unfold(child, (*path, key), column, columns)


def is_spellable(key: str) -> bool:
    """Say whether msgspec can have a field of this name."""
    return key.isprintable() and not set(key) & set('"\\')


def _refuse(line: bytes) -> Record:
    """Stand in for the typed parser where it cannot be had, so that every line goes the slow way."""
    del line
    raise msgspec.ValidationError
