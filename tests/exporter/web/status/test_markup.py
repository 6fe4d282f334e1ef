from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.web import status
from exporter.web.status.markup import Html, document, element, escaped, joined, maker, style

HOSTILE = st.one_of(
    st.sampled_from(['"><script>alert(1)</script>', "'", "&lt;", "\u202eabc", "\x00", "--><!--"]), st.text()
)


class Read(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= dict(attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(HOSTILE, HOSTILE)
def test_texts_stay_texts_wherever_they_stand(text: str, attribute: str) -> None:
    read = Read(element("p", text, title=attribute))
    assert read.tags == ["p"]
    shown = re.compile(
        "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
    )
    assert read.text == shown.sub("\ufffd", text)
    assert read.attributes == {"title": shown.sub("\ufffd", attribute)}


def test_halves_of_characters_do_not_cost_the_page() -> None:
    assert document(element("p", "a\ud800b")).count("\ufffd".encode()) == 1


def test_what_is_made_of_an_element_and_a_text_is_a_text() -> None:
    assert element("p", element("b", "x") + "<i>") == "<p>&lt;b&gt;x&lt;/b&gt;&lt;i&gt;</p>"
    assert element("p", f"{element('b', 'x')}") == "<p>&lt;b&gt;x&lt;/b&gt;</p>"


def test_contents_may_be_nested_numbers_and_nothing() -> None:
    assert joined([1, None, ["<", [Html("<b>")]]]) == "1&lt;<b>"
    assert maker("td", class_="n", id=None)([1, "&"]) == '<td class="n">1&amp;</td>'
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'


def test_a_style_sheet_cannot_end_its_element() -> None:
    with pytest.raises(ValueError, match="end of an element"):
        style("</style><script>")


def test_only_the_builder_makes_html() -> None:
    """Escaping by construction: nobody else says that a text is HTML."""
    for path in sorted(Path(status.__file__).parent.rglob("*.py")):
        calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}
        assert path.name == "markup.py" or "Html" not in calls, path
        assert path.name == "frame.py" or "style" not in calls, path


def test_plain_text_is_left_alone() -> None:
    assert escaped("Größe, 5 %\tof\nit") == "Größe, 5 %\tof\nit"
