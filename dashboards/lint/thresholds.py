"""Steps and colours: what is good and bad is said once, in the rules, and never by colour alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashboards.lint.board_file import BoardFile, Panel, items, mapping
from dashboards.lint.check import Said, of_panels
from dashboards.lint.material import Material
from dashboards.lint.positions import Place
from dashboards.panels import colour
from rules.lint.finding import Level

_STATES = frozenset({"state-timeline", "status-history"})
_WITH_STEPS = _STATES | {"stat", "bargauge", "table", "timeseries"}
_NAMED = frozenset({"text", "transparent"})
ALLOWED = frozenset(
    {colour.GOOD, colour.NOTICE, colour.WARNING, colour.CRITICAL, colour.EMERGENCY, colour.UNKNOWN, colour.REFERENCE}
    | _NAMED
)
# These say how bad something is, whatever they are used for.
_SEMANTIC: Mapping[str, str] = {colour.GOOD: "good", colour.WARNING: "a warning", colour.CRITICAL: "critical"}
# Words of names that are of a colour themselves.
_VERDICTS = ("good", "bad", "warning", "critical", "emergency")
_TRIVIAL = frozenset({0.0, 1.0})


def _fields(panel: Panel) -> Iterator[tuple[Place, str, Mapping[str, Any]]]:
    """Yield the settings of all fields, and those of each override, with a name for them."""
    yield ("fieldConfig", "defaults"), "all fields", panel.defaults
    for place, matcher, properties in panel.overrides():
        yield place[len(panel.place) :], str(matcher.get("options")), properties


def _steps(settings: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [mapping(each) for each in items(mapping(settings.get("thresholds")).get("steps"))]


def _mapped(settings: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what is shown in words, with the word and its colour."""
    for each in items(settings.get("mappings")):
        options = mapping(each.get("options"))
        if each.get("type") == "value":
            yield from ((str(value), mapping(result)) for value, result in options.items())
        else:
            yield str(options.get("match") or options.get("pattern") or "a range"), mapping(options.get("result"))


@of_panels(
    "D26",
    Level.ERROR,
    "no steps, or such that do not rise, do not begin below everything, or are no number of the rules",
    why="A panel that is green while the alert fires teaches people to trust neither.",
    mend="The first step null, the others rising; divide by the threshold series, and let 1 be the step.",
)
def steps_are_those_of_the_rules(panel: Panel, _: BoardFile, material: Material) -> Iterator[Said]:
    for place, name, settings in _fields(panel):
        steps = _steps(settings)
        if not steps:
            if settings is panel.defaults and panel.type in _WITH_STEPS:
                yield Said("there are no steps: Grafana takes its own, red from 80 on", place)
            continue
        values = [each.get("value") for each in steps]
        numbers = [float(each) for each in values if isinstance(each, int | float)]
        if values[0] is not None or len(numbers) != len(values) - 1 or sorted(set(numbers)) != numbers:
            yield Said(f"the steps of {name} are {', '.join(map(str, values))}", place)
        words = {value for value, _ in _mapped(settings)}
        for number in numbers:
            if number not in _TRIVIAL | material.numbers and f"{number:g}" not in words:
                yield Said(f"the step {number:g} of {name} is no number of the rules", place)


@of_panels(
    "D27",
    Level.ERROR,
    "a figure that is not the newest, or that shows nothing or NaN without saying so",
    why="The mean of a day hides the last hour; an empty tile looks like a quiet one.",
    mend="calcs lastNotNull, noValue, and a mapping of nan (or null+nan) to a word.",
)
def figures_are_the_newest(panel: Panel, _: BoardFile, __: Material) -> Iterator[Said]:
    if panel.type != "stat":
        return
    reduced = mapping(panel.options.get("reduceOptions"))
    if reduced.get("calcs") != ["lastNotNull"]:
        yield Said(f"calcs are {reduced.get('calcs')}", ("options",))
    if not {"nan", "null+nan"} & {value for value, _ in _mapped(panel.defaults)}:
        yield Said("there is no word for NaN", ("fieldConfig", "defaults"))


@of_panels(
    "D28",
    Level.ERROR,
    "a colour that means nothing, that means a state where there is none, or that says something alone",
    why="One man in twelve cannot tell red from green; and a red line that is merely the third model is an alarm.",
    mend="Colours of dashboards/panels/colour.py for states, the palette for series, and words for each state.",
)
def colours_mean_something(panel: Panel, _: BoardFile, __: Material) -> Iterator[Said]:
    for place, name, settings in _fields(panel):
        shown = [str(each.get("color")) for each in _steps(settings)]
        shown += [str(result["color"]) for _, result in _mapped(settings) if "color" in result]
        for each in dict.fromkeys(shown):
            if each not in ALLOWED:
                yield Said(f"{name}: {each} means nothing", place)
        yield from (Said(f"{name}: {text}", place) for text in _alone(panel, settings, shown))
        fixed = str(mapping(settings.get("color")).get("fixedColor", ""))
        if fixed in _SEMANTIC and not _is_limit(name, settings):
            yield Said(f"{name} is drawn in {fixed}, which says {_SEMANTIC[fixed]}", place)
    if panel.type == "timeseries" and not str(mapping(panel.defaults.get("color")).get("mode")).startswith("palette"):
        yield Said(f"the colours of the series are {mapping(panel.defaults.get('color')).get('mode')}")


def _alone(panel: Panel, settings: Mapping[str, Any], shown: list[str]) -> Iterator[str]:
    words = list(_mapped(settings))
    for value, result in words:
        if "color" in result and not str(result.get("text", "")).strip():
            yield f"{value} is told by its colour alone"
    is_whole = settings is panel.defaults
    if is_whole and panel.type in _STATES and not any(value not in ("nan", "null+nan") for value, _ in words):
        yield "states are told by their colours alone"
    if is_whole and panel.type == "stat" and panel.options.get("textMode") in ("none", "name") and len(set(shown)) > 1:
        yield "the figure is told by its colour alone"


def _is_limit(name: str, settings: Mapping[str, Any]) -> bool:
    """Say whether a series is a limit (which is dashed), or says by its name that it is good or bad."""
    dashed = mapping(settings.get("custom.lineStyle")).get("fill") == "dash"
    return dashed or any(word in name.lower() for word in _VERDICTS)
