from __future__ import annotations

import re
import sys
from typing import Any

import pytest

from exporter.web.status.frame import address_of
from tests.browser.conftest import LONG, SCREENSHOTS, WIDE, Visit
from tests.exporter.web.status.scenario import BROKEN, OVERDUE, WAITING, WELL

SCENES = (WELL, BROKEN, WAITING, OVERDUE)
PAGES = ("/", *(address_of(scene.name) for scene in SCENES))
SCHEMES = ("light", "dark")
# The rules that WCAG 2.2, level AA, comes to, and those of good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def overflow(page: Any) -> int:
    """How many pixels of a page lie beyond the right edge of the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def brightness(colour: str) -> float:
    red, green, blue = map(float, re.findall(r"[\d.]+", colour)[:3])
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


def test_the_browser_has_nothing_to_complain_of_and_asks_nobody_else(visit: Visit) -> None:
    visitor = visit()
    for path in PAGES:
        visitor.open(path)
    assert visitor.troubles == []
    assert visitor.origins() == {visitor.base}
    assert len([url for url in visitor.requests if not url.startswith("data:")]) == len(PAGES)


def test_the_policy_is_in_force(visit: Visit) -> None:
    """What the other tests rely on: a style and a script that are not ours do nothing, and are complained of."""
    visitor = visit()
    page = visitor.open("/")
    page.evaluate("""() => {
        const sheet = document.createElement("style");
        sheet.textContent = "h1 { color: rgb(1, 2, 3) }";
        document.head.append(sheet);
        const script = document.createElement("script");
        script.textContent = "window.hacked = true";
        document.head.append(script);
    }""")
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") != "rgb(1, 2, 3)"
    assert len(visitor.troubles) >= 2
    assert all("Content Security Policy" in trouble for trouble in visitor.troubles)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1000), ("dark", 360)])
def test_axe_finds_nothing(visit: Visit, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    # The checks are a script, which the page would not run.
    visitor = visit(color_scheme=scheme, width=width, bypass_csp=True)
    for path in ("/", address_of(BROKEN.name)):
        page = visitor.open(path)
        found = axe.Axe().run(page, options={"runOnly": RULES})
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_broken_model_is_told_from_a_healthy_one_by_colour_word_and_shape(visit: Visit, scheme: str) -> None:
    page = visit(color_scheme=scheme).open("/")

    def seen(name: str) -> dict[str, str]:
        card = page.locator("article", has=page.get_by_role("link", name=name, exact=True))
        top = card.locator(".top")
        return {
            "colour": top.evaluate("each => getComputedStyle(each).backgroundColor"),
            "border": card.evaluate("each => getComputedStyle(each).borderTopColor"),
            "word": top.locator(".state").inner_text(),
            "shape": top.locator("path").get_attribute("d"),
        }

    well, broken, unknown = (seen(scene.name) for scene in (WELL, BROKEN, WAITING))
    assert (well["word"], broken["word"], unknown["word"]) == ("Healthy", "Critical", "Not known yet")
    for one, other in ((well, broken), (well, unknown), (unknown, broken)):
        assert one["colour"] != other["colour"]
        assert one["shape"] != other["shape"]
    assert well["border"] != broken["border"]


def test_dark_is_dark_and_light_is_light(visit: Visit) -> None:
    bright = {}
    for scheme in SCHEMES:
        page = visit(color_scheme=scheme).open("/")
        script = "property => getComputedStyle(document.body)[property]"
        bright[scheme] = [brightness(page.evaluate(script, each)) for each in ("backgroundColor", "color")]
    (page_by_day, text_by_day), (page_by_night, text_by_night) = bright["light"], bright["dark"]
    assert min(page_by_day, text_by_night) > 0.8
    assert max(text_by_day, page_by_night) < 0.2


# 640 pixels are what a window of 1280 has at a zoom of 200 %.
@pytest.mark.parametrize("width", [320, 640])
def test_nothing_has_to_be_scrolled_sideways(visit: Visit, width: int) -> None:
    visitor = visit(width=width)
    for path in (*PAGES, address_of(LONG.name)):
        assert overflow(visitor.open(path)) <= 0, path


def test_a_keyboard_gets_to_the_content_first_and_sees_where_it_is(visit: Visit) -> None:
    page = visit().open("/")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.inner_text() == "To the content"
    assert focused.bounding_box()["x"] >= 0
    page.keyboard.press("Tab")
    assert focused.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"


def test_a_link_leads_from_a_finding_to_its_figures_and_from_a_card_to_its_model(visit: Visit) -> None:
    page = visit().open("/")
    page.get_by_role("link", name=BROKEN.name).click()
    assert page.title() == f"Critical: {BROKEN.name} · Driftbell"
    page.get_by_role("link", name="Accuracy is low").click()
    assert page.url.endswith("#quality")
    assert page.get_by_role("heading", name="Quality").is_visible()


def test_five_hundred_features_load_and_unfold(visit_wide: Visit, record_property: Any) -> None:
    page = visit_wide().open(address_of(WIDE.name))
    seconds = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000
    record_property("seconds", seconds)
    sys.stdout.write(f"500 features: loaded after {seconds:.2f} s\n")
    last = page.get_by_role("row", name="feature_499")
    assert not last.is_visible()
    page.get_by_text("450 more features").click()
    assert last.is_visible()
    assert last.get_by_role("img").count() == 2


def test_on_paper_it_is_light_and_nothing_is_folded_away(visit_wide: Visit) -> None:
    page = visit_wide(color_scheme="dark").open(address_of(WIDE.name))
    page.emulate_media(media="print", color_scheme="light")
    assert brightness(page.evaluate("getComputedStyle(document.body).backgroundColor")) == pytest.approx(1)
    assert page.get_by_text("feature_499").is_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_pictures_to_look_at(visit: Visit, scheme: str, width: int) -> None:
    visitor = visit(color_scheme=scheme, width=width)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for path, name in (("/", "overview"), (address_of(BROKEN.name), "broken")):
        file = SCREENSHOTS / f"status-{name}-{scheme}-{width}.png"
        visitor.open(path).screenshot(path=file, full_page=True)
        assert file.stat().st_size > 10_000
