"""HTML that cannot be injected into: text is escaped because it is text, not because somebody thought of it.

Only this module makes ``Html``; whatever else becomes part of an element is text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias, Union

# What HTML does not allow, halves of characters, and what turns the direction of text around without being seen.
_UNSEEN = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff"
)
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_NOT_PLAIN = re.compile(f"[&<>\"'{_UNSEEN}]")
_VOID = frozenset({"meta", "link", "br", "hr"})


class Html(str):
    """A piece of a document that is escaped already; joined with a text it is a text again."""

    __slots__ = ()


Content: TypeAlias = Union[str, int, Iterable["Content"], None]  # noqa: UP007 - it names itself, which | cannot


def escaped(text: str) -> str:
    """Return a text as it stands in an element, or in an attribute within double quotes.

    >>> escaped('<b a="1">&\\u202e')
    '&lt;b a=&quot;1&quot;&gt;&amp;\\ufffd'
    """
    # Most texts are plain, and there are tens of thousands of them on a page.
    return _NOT_PLAIN.sub(_escape, text) if _NOT_PLAIN.search(text) else text


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0], "\ufffd")


def element(name: str, /, *content: Content, **attributes: str | int | None) -> Html:
    """Return an element. An underscore at the end of an attribute's name goes, others become hyphens; None leaves it out.

    >>> element("p", "1 < 2 ", element("b", "!"), class_="a", aria_label='"', id=None)
    '<p class="a" aria-label="&quot;">1 &lt; 2 <b>!</b></p>'
    """
    stated = _stated(attributes)
    if name in _VOID:
        return Html(f"<{name}{stated}>")
    return Html(f"<{name}{stated}>{joined(content)}</{name}>")


def maker(name: str, /, **attributes: str | int | None) -> Callable[[Content], Html]:
    """Return what makes elements of one kind, of which there are many, from their contents."""
    start, end = f"<{name}{_stated(attributes)}>", f"</{name}>"
    return lambda content: Html(f"{start}{joined(content)}{end}")


def _stated(attributes: Mapping[str, str | int | None]) -> str:
    return "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )


def joined(content: Content) -> Html:
    """Return contents one after the other; None is nothing."""
    if isinstance(content, Html):
        return content
    if isinstance(content, str | int):
        return Html(escaped(str(content)))
    return Html("".join([joined(each) for each in content])) if content is not None else Html()


def document(*content: Content) -> bytes:
    """Return a whole document, in UTF-8."""
    return f"<!DOCTYPE html>\n{element('html', *content, lang='en')}\n".encode()


def style(sheet: str) -> Html:
    """Return a style sheet of ours, in which nothing is escaped. Raises ValueError for what would end it."""
    if "</" in sheet:
        raise ValueError("a style sheet must not hold the end of an element")
    return Html(f"<style>{sheet}</style>")
