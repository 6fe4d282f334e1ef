"""The overview tells a broken model from a healthy one at a glance."""

from __future__ import annotations

from tests.dashboards.harness.conftest import See
from tests.dashboards.harness.visits import GREEN, GREY, ORANGE, RED

TROUBLE, DOWN, BUDGET, ERRORS, LATENCY, QUALITY, DRIFT, AGE = range(1, 9)
TILES = range(1, 9)
HEALTH, MODELS, FIRING = 10, 11, 21


def test_of_healthy_models_no_tile_is_alarming(see: See) -> None:
    seen = see("overview", "healthy")
    assert seen.tile(TROUBLE) == ("0", GREEN)
    assert {seen.tile(number)[1] for number in TILES} <= {GREEN, GREY}


def test_of_broken_models_the_tiles_are_red_and_orange(see: See) -> None:
    seen = see("overview", "broken")
    assert int(seen.tile(TROUBLE)[0]) >= 2
    assert int(seen.tile(DOWN)[0]) == 1
    assert seen.tile(BUDGET)[0].startswith("-")
    assert {number for number in TILES if seen.tile(number)[1] == RED} >= {TROUBLE, DOWN, BUDGET}
    for number in (ERRORS, LATENCY, DRIFT):
        text, colour = seen.tile(number)
        assert colour in (ORANGE, RED)
        assert float(text) >= 1


def test_the_colour_is_that_of_the_whole_tile(see: See) -> None:
    """Not only of the figure: it is to be seen from across the room. Grafana shades it a little."""
    for scenario, wanted in (("healthy", "green"), ("broken", "red")):
        red, green, _ = _first_colour(see("overview", scenario).tiles[TROUBLE])
        assert ("red" if red > green else "green") == wanted


def test_a_model_without_an_objective_is_told_so(see: See) -> None:
    assert see("overview", "broken", model_name="demand").tile(BUDGET) == ("No objective", GREY)


def test_the_sickest_model_is_told_by_words_and_by_colours(see: See) -> None:
    broken, healthy = see("overview", "broken"), see("overview", "healthy")
    health = broken.cells(MODELS, "churn")["Health"]
    assert (health["text"], health["color"]) == ("Critical", RED)
    well = healthy.cells(MODELS, "churn")["Health"]
    assert (well["text"], well["color"]) == ("Fine", GREEN)
    assert broken.cells(MODELS, "churn")["Error budget left"]["color"] == RED


def test_cells_without_a_figure_have_no_colour_that_says_something(see: See) -> None:
    for scenario in ("healthy", "broken"):
        columns = see("overview", scenario).panels[MODELS]["columns"]
        empty = [
            cell
            for each in columns
            if each["coloured"]
            for cell in each["cells"]
            if not any(map(str.isdigit, cell["text"]))
        ]
        words = {"Fine", "Notice", "Warning", "Critical", "Emergency", "No figures"}
        assert {cell["color"] for cell in empty if cell["text"] not in words} & {GREEN, ORANGE, RED} == set()


def test_health_over_time_says_when_it_began(see: See) -> None:
    rows = {row["name"]: row["states"] for row in see("overview", "broken").panels[HEALTH]["rows"]}
    churn = [state["text"] for state in rows["churn"]]
    assert churn[0] == "Fine"
    assert churn[-1] == "Critical"


def test_what_fires_is_listed_with_the_worst_first(see: See) -> None:
    assert see("overview", "healthy").panels[FIRING]["rows"] == 0
    severities = [cell["text"] for cell in see("overview", "broken").panels[FIRING]["columns"][0]["cells"]]
    assert {"Critical", "Warning"} <= set(severities)


def _first_colour(style: str) -> tuple[int, int, int]:
    red, green, blue = (int(part) for part in style.partition("rgb(")[2].partition(")")[0].split(",")[:3])
    return red, green, blue
