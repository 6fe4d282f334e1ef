"""Typed records: from the leaves that a model needs to a parser that looks at nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from exporter.decoders.leaf import Leaf

Record = Any  # an instance of a struct type that is made at run time


class PathClashError(ValueError):
    """One field is configured to lie inside another one's value."""


class RecordType:
    """A struct type with one attribute a leaf, nested as the paths are.

    Records are not tracked by the garbage collector, so a micro-batch of them costs little more than parsing.
    Two leaves may share a path; the first one's type is checked.
    """

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        self.leaves = leaves
        self._tree: dict[str, Any] = {}
        for leaf in leaves:
            self._place(leaf)
        self._attributes: dict[tuple[str, ...], str] = {}
        self._types: dict[str, Any] = {}
        self._struct = self._define(self._tree, "")
        self.parse: Callable[[bytes], Record] = msgspec.json.Decoder(self._struct).decode

    def getter(self, leaves: Sequence[Leaf]) -> Callable[[Iterable[Record]], list[Any]]:
        """Return a function from records to a list of the leaves' values: a tuple a record, or bare values of one leaf."""
        chains = [self._attributes[leaf.path].rpartition(".") for leaf in leaves]
        parents = {parent for parent, _, _ in chains}
        if len(parents) > 1 or "" in parents:
            values = attrgetter(*(self._attributes[leaf.path] for leaf in leaves))
            return lambda records: list(map(values, records))
        parent, values = attrgetter(parents.pop()), attrgetter(*(name for _, _, name in chains))
        return lambda records: list(map(values, map(parent, records)))

    def build(self, values: Mapping[tuple[str, ...], Any]) -> Record:
        """Make a record from values by path, without checking them."""
        return self._instance(self._tree, "", (), values)

    def _place(self, leaf: Leaf) -> None:
        node = self._tree
        for key in leaf.path[:-1]:
            node = node.setdefault(key, {})
            if isinstance(node, Leaf):
                raise PathClashError(f"{'.'.join(leaf.path)}: {node.name} is configured to be the value above it")
        if isinstance(node.setdefault(leaf.path[-1], leaf), dict):
            raise PathClashError(f"{'.'.join(leaf.path)}: this value of {leaf.name} is configured to hold other fields")

    def _define(self, node: dict[str, Any], prefix: str, path: tuple[str, ...] = ()) -> Any:
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
        names = {}
        for i, (key, child) in enumerate(node.items()):
            name = f"f{i}"
            names[name] = key
            if isinstance(child, Leaf):
                self._attributes[(*path, key)] = prefix + name
                fields.append((name, child.fast_type) if child.required else (name, child.fast_type, None))
            else:
                inner = self._define(child, f"{prefix}{name}.", (*path, key))
                fields.append((name, inner, msgspec.field(default_factory=inner)))
        struct = msgspec.defstruct("Record", fields, rename=names, gc=False, kw_only=True)
        self._types[prefix] = struct
        return struct

    def _instance(
        self, node: dict[str, Any], prefix: str, path: tuple[str, ...], values: Mapping[tuple[str, ...], Any]
    ) -> Record:
        arguments = {}
        for i, (key, child) in enumerate(node.items()):
            below = (*path, key)
            if isinstance(child, Leaf):
                arguments[f"f{i}"] = values[below]
            else:
                arguments[f"f{i}"] = self._instance(child, f"{prefix}f{i}.", below, values)
        return self._types[prefix](**arguments)
