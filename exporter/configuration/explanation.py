"""From what Pydantic found to problems that a person can act on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from exporter.configuration.document import Document
from exporter.configuration.problem import Keys, shown
from exporter.configuration.refusal import REFUSED, Fault, described
from exporter.configuration.scalars import plain_scalar
from exporter.configuration.schema import Configuration
from exporter.configuration.sections import Section

_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "model_type": "a mapping",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
}
_LIMITS = {
    "greater_than": ("greater than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}
# Keys that a shorthand leaves out: `labels: a.jsonl` means `labels: {path: a.jsonl}`.
_IMPLIED = ("path", "kind", "length")


def faults_of_validation(
    error: ValidationError, document: Document, root: type[Section] = Configuration
) -> Iterator[tuple[Keys, Callable[[], Fault], bool]]:
    """Yield where each fault is, how to find out what it is, and whether to point at the key rather than the value.

    To say what it is takes time, as it looks for what was meant. ``root`` is the shape that the whole file was
    validated against.
    """
    for details in error.errors(include_url=False):
        refused: tuple[Fault, ...] = details["ctx"]["faults"] if details["type"] == REFUSED else ()
        for fault in refused:
            yield placed((*details["loc"], *fault.at), document), partial(_same, fault), False
        if not refused:
            yield placed(details["loc"], document), partial(_fault, details, root), details["type"] == "extra_forbidden"


def placed(keys: Keys, document: Document) -> Keys:
    """Return the longest beginning of ``keys`` that the file holds, with or without implied keys."""
    short = tuple(key for key in keys if key not in _IMPLIED)
    return max(document.nearest(keys), document.nearest(short), key=len)


def _same(fault: Fault) -> Fault:
    return fault


def _fault(details: ErrorDetails, root: type[Section]) -> Fault:
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(details, root)
    if kind in _EXPLAINED:
        return _EXPLAINED[kind](details)
    if kind in _KINDS:
        return Fault(f"must be {_KINDS[kind]}, not {described(value)}", _kind_hint(kind, value))
    if kind in _LIMITS:
        words, key = _LIMITS[kind]
        return Fault(f"must be {words} {context[key]}, not {value}")
    return Fault(details["msg"])


def _missing(details: ErrorDetails) -> Fault:
    return Fault(f"the key {shown(str(details['loc'][-1]))} is missing", "it has no default")


def _unknown(details: ErrorDetails, root: type[Section]) -> Fault:
    key = str(details["loc"][-1])
    section = _section_at(details["loc"][:-1], root)
    close = get_close_matches(key, section, n=1, cutoff=0.6)
    return Fault("unknown key", f"did you mean {close[0]}?" if close else _elsewhere(key, section, root))


def _elsewhere(key: str, section: Mapping[str, object], root: type[Section]) -> str:
    place = next((place for place, known in _sections(root) if key in known), None)
    return f"it belongs to {place}" if place else f"known here: {', '.join(section)}"


def _literal(details: ErrorDetails) -> Fault:
    choices = [part.strip("'") for part in str(details["ctx"]["expected"]).replace(" or ", ", ").split(", ")]
    value = details["input"]
    close = get_close_matches(value.lower(), choices, n=1) if isinstance(value, str) else []
    return Fault(
        f"must be one of {', '.join(choices)}, not {described(value)}", f"did you mean {close[0]}?" if close else ""
    )


def _too_short(_: ErrorDetails) -> Fault:
    return Fault("must not be empty", "at least one entry is needed")


def _too_long(details: ErrorDetails) -> Fault:
    return Fault(f"must have at most {details['ctx']['max_length']} entries")


_EXPLAINED: dict[str, Callable[[ErrorDetails], Fault]] = {
    "missing": _missing,
    "literal_error": _literal,
    "too_short": _too_short,
    "too_long": _too_long,
}


def _kind_hint(kind: str, value: object) -> str:
    if value is None:
        return "give it a value, or leave the key out"
    if kind in ("int_type", "float_type") and isinstance(value, str):
        return _number_hint(value)
    return ""


def _number_hint(text: str) -> str:
    """Say how to make a number of a text: what is one as it stands can only have been in quotes."""
    if _is_number(text):
        return "take the quotes away"
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    # YAML 1.1 would read 010 as 8.
    plain = sign + digits.lstrip("0")
    return f"write {plain}, without a zero in front" if digits.startswith("0") and _is_number(plain) else ""


def _is_number(text: str) -> bool:
    try:
        return isinstance(plain_scalar(text), int | float) and not isinstance(plain_scalar(text), bool)
    except ValueError:
        return False


def _section_at(keys: Keys, root: type[Section]) -> dict[str, Any]:
    """Return the keys that a section knows, and the types of their values."""
    known, annotation = _known(root), None
    skip = False
    for key in keys:
        if isinstance(key, int) or skip:
            skip = False
            continue
        annotation = known[key]
        skip = _is_mapping(annotation)
        known = _known(_section_in(annotation) or Section)
    return known


def _sections(root: type[Section]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every section with its place, the outer ones first."""
    waiting: list[tuple[str, type[Section]]] = [("the top level", root)]
    for place, section in waiting:
        known = _known(section)
        yield place, known
        for key, annotation in known.items():
            inner = _section_in(annotation)
            if inner:
                name = (
                    "a model" if key == "models" else key if place in ("the top level", "a model") else f"{place}.{key}"
                )
                waiting.append((name, inner))


def _known(section: type[Section]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in section.model_fields.items()}


def _section_in(annotation: object) -> type[Section] | None:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next((found for part in get_args(annotation) if (found := _section_in(part))), None)


def _is_mapping(annotation: object) -> bool:
    return get_origin(annotation) is Mapping or any(_is_mapping(part) for part in get_args(annotation))
