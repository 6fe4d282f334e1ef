"""What the pages say, and what they never hold."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from exporter import catalogue
from exporter.exposition.page import Page
from exporter.exposition.text import Renderer
from exporter.figures.spread import Spread, Spreads
from exporter.snapshot import snapshot_of
from exporter.web.status.frame import Refreshing, address_of
from exporter.web.status.model_page import model_page
from exporter.web.status.overview import overview
from exporter.web.status.style import POLICY
from exporter.web.status.survey import Moment
from tests.exporter.web.status.scenario import (
    ALL,
    BROKEN,
    NOW,
    OVERDUE,
    WAITING,
    WELL,
    WINDOW,
    Scene,
    features,
    moment_of,
    own_of,
    sample,
)

STILL = Refreshing(is_on=False, other="/x")
HOSTILE = (
    '"><script>alert(1)</script>',
    "' onload='alert(1)",
    "\u202egnp.exe",
    "</style><img src=//evil.example>",
    "a" * 10_000,
    "new\nline",
    "\\",
    "é😀",
)


class Document(HTMLParser):
    """A page as a browser would read it: elements and texts."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(body.decode())
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        assert len({name for name, _ in attrs}) == len(attrs)
        if tag not in {"meta", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).replace("\u00a0", " ").replace("\u202f", " ").split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def overview_of(scenes: Sequence[Scene]) -> Document:
    return Document(overview(moment_of(scenes), [scene.name for scene in scenes], "1.2.3", STILL))


def page_of(scene: Scene, spreads: Spreads | None = None) -> Document:
    return Document(model_page(moment_of([scene]), scene.name, spreads or scene.spreads(), "1.2.3", STILL))


def documents() -> list[Document]:
    return [overview_of(ALL), *(page_of(scene) for scene in ALL)]


def test_the_overview_has_the_worst_model_first_and_says_what_is_wrong() -> None:
    document = overview_of(ALL)
    names = [attributes["href"] for attributes in document.all("a") if attributes["href"].startswith("/models/")]
    assert names[0] == "/models/fraud-detection"
    assert names[-1] == "/models/credit-scoring"
    assert "2 of 4 models need a look" in document.text
    assert "1 healthy · 1 not known yet · 1 critical · 1 warning" in document.text
    assert "Accuracy is low" in document.text
    for path in ("/metrics", "/-/healthy", "/-/ready"):
        assert {"href": path} in document.all("a")


def test_a_well_model_and_a_broken_one_differ_in_word_shape_and_class() -> None:
    well, broken = overview_of([WELL]), overview_of([BROKEN])
    for tag, attribute in (("path", "d"), ("svg", "class"), ("article", "class"), ("link", "href")):
        assert well.all(tag)[0][attribute] != broken.all(tag)[0][attribute]
    assert "Every model is healthy" in overview_of([WELL]).text


def test_without_models_it_says_so() -> None:
    assert "None configured." in overview_of([]).text


def test_a_models_page_has_the_figures_with_bounds_and_thresholds() -> None:
    text = page_of(BROKEN).text
    for said in (
        "0.740",
        "0.730 to 0.750",
        "≥ 0.860",
        "0.910",
        "58 000",
        "27 % missing (threshold 20 %)",
        "230 timestamp",
        "17 malformed",
        "98.6 %",
        "MLLowModelAccuracy",
        "payments",
        "xgboost",
    ):
        assert said in text, said


def test_features_are_sorted_by_drift_and_each_has_its_distribution() -> None:
    document = page_of(BROKEN)
    order = [document.text.rindex(f"{feature} ") for feature in ("amount", "country_risk", "kind_of_device", "hour")]
    assert order == sorted(order)
    sparks = [each for each in document.all("svg") if each.get("class") == "spark"]
    assert len(sparks) == len(BROKEN.drift)
    assert "Most changed: above 14.5" in document.text


def test_what_is_not_known_is_said_in_words() -> None:
    assert "Too few rows" in page_of(WAITING).text
    assert "Labels are overdue" in page_of(OVERDUE).text
    waiting = page_of(replace(WELL, state=catalogue.WAITING)).text
    assert "Waiting for labels" in waiting
    assert "Nothing is wrong in what is judged; quality is not, so far." in waiting
    undrifted = [each for each in WELL.samples() if each.metric is not catalogue.DRIFT_THRESHOLD]
    moment = replace(moment_of([WELL]), page=Renderer().page(snapshot_of(undrifted)))
    assert "drift is not, so far" in Document(overview(moment, [WELL.name], "1", STILL)).text


@pytest.mark.parametrize(
    ("page", "own", "said"),
    [
        (None, (), "The exporter is reading the logs"),
        (None, own_of([WELL]), "too old to be shown"),
        (Page((), ()), own_of([WELL]), "The last evaluation did not come to this model"),
    ],
)
def test_without_figures_it_says_why(page: Page | None, own: tuple[object, ...], said: str) -> None:
    moment = Moment(page, own, NOW)  # type: ignore[arg-type]
    assert said in Document(overview(moment, [WELL.name], "1", STILL)).text
    assert said in Document(model_page(moment, WELL.name, None, "1", STILL)).text


def test_a_worker_that_is_busy_costs_the_drawings_only() -> None:
    document = Document(model_page(moment_of([BROKEN]), BROKEN.name, None, "1", STILL))
    assert "too busy" in document.text
    assert "3.40" in document.text
    assert not [each for each in document.all("svg") if each.get("class") == "spark"]


def test_figures_that_are_too_large_or_too_small_are_drawn() -> None:
    spread = Spread("data", "amount", (1e300, float("1e308")), (), (10**15, 0, 0), (0, 0, 1))
    columns = (spread, Spread("data", "hour", (), ("x",), (0, 0), (1, 1)), Spread("score", "", (), (), (3,), (4,)))
    assert "amount" in page_of(BROKEN, Spreads(WINDOW, columns)).text
    infinite = replace(WELL, drift={"x": float("inf")})
    assert "∞" in page_of(infinite, Spreads(WINDOW, ())).text
    about = {"model_name": WELL.name, "metric": "mae", "window": WINDOW}
    for value in (float("inf"), 1.7e308):
        bounds = [sample(catalogue.QUALITY_LOWER, -value, **about), sample(catalogue.QUALITY_UPPER, value, **about)]
        document = page_of(replace(WELL, latency=value, extra=[sample(catalogue.QUALITY, value, **about), *bounds]))
        assert not [each for _, each in document.elements if {"nan", "inf"} & {each.get("cx"), each.get("d", "")[1:4]}]


def test_half_a_character_in_a_models_name_does_not_cost_the_overview() -> None:
    assert WELL.name in overview_of([WELL, Scene("\ud800")]).text


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_text_wherever_they_stand(name: str) -> None:
    scene = Scene(name, {name: 2.0, "x": 0.1}, accuracy=0.7, missing={name: 0.4}, rejected={name: 1}, owner=name)
    segment = {"model_name": name, "metric": "recall", "segment_by": name, "segment": name, "window": WINDOW}
    bad = sample(catalogue.QUALITY_THRESHOLD, 0.5, **segment, severity="warning", bound="min")
    scene.extra = (bad, sample(catalogue.QUALITY_UPPER, 0.4, **segment))
    spreads = Spreads(WINDOW, (Spread("data", name, (), (name, "b"), (1, 2, 0), (2, 1, 0)),))
    for document in (overview_of([scene]), page_of(scene, spreads)):
        plain = {tag for page in documents() for tag, _ in page.elements}
        assert {tag for tag, _ in document.elements} <= plain
        for _, attributes in document.elements:
            assert not [key for key in attributes if key.startswith("on") or key == "style"]
        assert "\u202e" not in document.text
        assert max(map(len, document.texts)) < 1000
        shown = name[:100].replace("\u202e", "\ufffd")
        assert " ".join(shown.split()) in document.text


def test_nothing_is_fetched_run_or_styled_from_elsewhere() -> None:
    for document in documents():
        tags = {tag for tag, _ in document.elements}
        assert not tags & {"script", "img", "iframe", "object", "embed", "form", "base", "use", "image"}
        for _, attributes in document.elements:
            assert "style" not in attributes
            assert not [key for key in attributes if key.startswith("on") or key in {"src", "srcset", "action"}]
            link = attributes.get("href", "/")
            assert link.startswith(("/", "#", "?", "data:image/svg+xml,"))
            assert not link.startswith("//")


def test_the_policy_allows_this_style_sheet_and_no_other() -> None:
    body = overview(moment_of([WELL]), [WELL.name], "1", STILL).decode()
    (sheet,) = re.findall("<style>(.*?)</style>", body, re.DOTALL)
    assert f"'sha256-{base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()}'" in POLICY
    assert POLICY.startswith("default-src 'none'; ")
    assert "unsafe" not in POLICY
    assert "url(" not in sheet
    assert "@import" not in sheet


def test_every_page_can_be_heard() -> None:
    for document in documents():
        assert document.all("html") == [{"lang": "en"}]
        assert (
            len(document.all("h1")) == len(document.all("main")) == len(document.all("title")) - drawings(document) == 1
        )
        assert all(each.get("role") == "img" or each.get("aria-hidden") == "true" for each in document.all("svg"))
        assert all("scope" in each for each in document.all("th"))
        assert len(document.all("table")) == len(document.all("caption"))
        ids = [attributes["id"] for _, attributes in document.elements if "id" in attributes]
        assert len(set(ids)) == len(ids)
        assert {each["aria-labelledby"] for _, each in document.elements if "aria-labelledby" in each} <= set(ids)
        levels = [int(tag[1]) for tag, _ in document.elements if re.fullmatch("h[1-6]", tag)]
        assert all(level <= before + 1 for before, level in pairwise(levels))
        anchors = {each["href"][1:] for each in document.all("a") if each["href"].startswith("#")}
        assert anchors <= set(ids)


def drawings(document: Document) -> int:
    return sum(each.get("role") == "img" for each in document.all("svg"))


def test_five_hundred_features_are_all_there_in_a_page_of_a_size() -> None:
    wide = Scene("wide", features(500, 1.4))
    moment, spreads = moment_of([wide]), wide.spreads()
    started = time.process_time()
    body = model_page(moment, "wide", spreads, "1", STILL)
    took = time.process_time() - started
    assert len(body) < 2_000_000
    # Twenty times what it should take: it guards against work that grows with the square of the features.
    assert took < 3.0
    text = Document(body).text
    assert all(feature in text for feature in wide.drift)
    assert "450 more features" in text


def test_addresses_name_models_and_nothing_else() -> None:
    assert address_of("a/../b?c#d é") == "/models/a%2F..%2Fb%3Fc%23d%20%C3%A9"
