"""Messages: templates that exist and can be filled in, and texts that are not empty, cut off or broken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any

from alertmanager.lint import go_template
from alertmanager.lint.check import Said, check
from alertmanager.lint.material import Material, texts
from alertmanager.lint.samples import notifications
from alertmanager.simulation.amtool import AmtoolError, render
from alertmanager.simulation.tree import Place
from rules.lint.finding import Level

# What Alertmanager brings along.
_BUILT_IN = re.compile(
    r"__\w+|(email|slack|pagerduty|opsgenie|victorops|pushover|wechat|sns|telegram|discord|webex|msteams)\.default\.\w+"
)
_ALWAYS_THERE = frozenset({"alertname"})
# Letters that receivers take, by kind and field; what is longer is cut off, or refused.
_LONGEST: Mapping[tuple[str, str], int] = {
    ("slack", "title"): 1024,
    ("slack", "fallback"): 1024,
    ("slack", "text"): 8_000,
    ("pagerduty", "description"): 1024,
    ("email", "Subject"): 250,
    ("email", "text"): 100_000,
    ("pagerduty", "details"): 100_000,
}
_LINES = frozenset(
    {"title", "fallback", "description", "Subject", "severity", "color", "title_link", "runbook", "dashboard"}
)
_MESSAGES: Mapping[str, tuple[str, ...]] = {
    "slack": ("text", "title"),
    "email": ("text",),
    "pagerduty": ("description",),
}
_SEVERITIES = ("info", "warning", "error", "critical")
_NEVER_EMPTY = frozenset({"title", "text", "description", "Subject", "firing", "severity"})
# Fields of receivers' kinds that have to be said, since what Alertmanager would say instead knows nothing of the rules.
_OWN_WORDS: Mapping[str, tuple[str, ...]] = {
    "slack": ("title", "text"),
    "email": ("subject", "html", "text"),
    "pagerduty": ("description", "details"),
}
_TO_SAY = frozenset({"description", "value", "threshold", "runbook_url", "dashboard_url"})
# Between several texts that are filled in at once.
_BETWEEN = "\n<<< next >>>\n"


@check(
    "M15",
    Level.ERROR,
    "a template that is not there, or that cannot be filled in",
    why="amtool does not look; the notification fails when it is needed, and only Alertmanager's log knows.",
    mend="Names that a file of `templates` defines, fields that a notification has, labels and annotations that the rules give.",
)
def templates_can_be_filled(material: Material) -> Iterator[Said]:
    files = {name: go_template.read(text) for name, text in material.templates.items()}
    defined = {name for each in files.values() for name in each.defined}
    for name, template in files.items():
        yield from (Said(f"{name}: {fault}", ("templates",)) for fault in _faults(template, defined, material))
    for place, text in _texts(material):
        template = go_template.read(text)
        yield from (Said(fault, place) for fault in _faults(template, defined, material))
        if any(name in defined for name in template.called) and not _loaded(material):
            yield Said("no item of templates loads the file that defines it", place)


def _texts(material: Material) -> Iterator[tuple[Place, str]]:
    for place, _, one in material.integrations():
        yield from ((where, text) for where, text in texts(one, place) if "{{" in text)


def _faults(template: go_template.Template, defined: set[str], material: Material) -> Iterator[str]:
    yield from template.faults
    for name in dict.fromkeys(template.called):
        if name not in defined and not _BUILT_IN.fullmatch(name):
            yield f"there is no template {name}"
    for label in sorted(template.labels - set(material.labels) - _ALWAYS_THERE):
        yield f"no alert has the label {label}"
    for name in sorted(template.annotations - material.annotations):
        yield f"no alert has the annotation {name}"


def _loaded(material: Material) -> bool:
    globs = [PurePath(str(each)).name for each in material.document.get("templates") or ()]
    return all(any(fnmatchcase(name, glob) for glob in globs) for name in material.templates)


@check(
    "M16",
    Level.WARNING,
    "a message that is empty, of several lines where one is wanted, or longer than its receiver takes",
    why="What is cut off is the link to the runbook; an empty message wakes people and says nothing.",
    mend="driftbell.title for lines, driftbell.text, which ends by itself, for texts. (Needs amtool, which fills them in.)",
)
def messages_fit(material: Material) -> Iterator[Said]:
    for place, kind, one in material.integrations():
        for name in _MESSAGES.get(kind, ()):
            # Of a mail either will do.
            if name in one and not one[name] and not (kind == "email" and one.get("html", True)):
                yield Said(f"{name} is empty", (*place, name))
        if kind == "pagerduty" and "{{" not in str(one.get("severity", "{{")):
            yield from (Said(fault, place) for fault in _misfits((*place, "severity"), str(one["severity"])))
    if material.amtool is None or any(go_template.read(text).faults for _, text in _texts(material)):
        return
    fields = list(_texts(material))
    wanted = list(dict.fromkeys(text for _, text in fields))
    for data in notifications(material.alerts) if wanted else ():
        try:
            filled = _filled(material.amtool, material.templates, wanted, data)
        except AmtoolError as error:
            yield Said(f"cannot be filled in: {str(error).splitlines()[-1]}", ("receivers",), Level.ERROR)
            return
        for place, text in fields:
            yield from (Said(fault, place) for fault in _misfits(place, filled[text]))


@check(
    "M30",
    Level.WARNING,
    "a message that does not say what is wrong, how bad it is, or what to do",
    why="What a receiver does not say itself, Alertmanager fills in with a list of labels: no figure, no limit, no runbook.",
    mend="driftbell.title and driftbell.text, of mails html: '', so that the text is shown.",
)
def messages_say_what_to_do(material: Material) -> Iterator[Said]:
    bodies = _bodies(material.templates)
    for place, kind, one in material.integrations():
        if kind not in _OWN_WORDS:
            continue
        headers = {str(key).lower(): value for key, value in (one.get("headers") or {}).items()}
        for name in _OWN_WORDS[kind]:
            if name not in one and name not in headers:
                yield Said(f"{kind} without {name} of its own", place)
        # Where there is HTML, mail programs show that.
        said = {**one, "text": ""} if one.get("html") else one
        shown = set().union(*(_annotations(text, bodies) for _, text in texts(said, place)))
        if missing := sorted(_TO_SAY & material.annotations - shown):
            yield Said(f"{kind} does not show {', '.join(missing)}", place)


def _bodies(files: Mapping[str, str]) -> dict[str, str]:
    """Return the text of each template, by name."""
    return {name: body for text in files.values() for name, body in go_template.definitions(text).items()}


def _annotations(text: str, bodies: Mapping[str, str], seen: frozenset[str] = frozenset()) -> set[str]:
    """Return the annotations that a text shows, with those of the templates that it calls."""
    template = go_template.read(text)
    below = (
        _annotations(bodies[name], bodies, seen | {name})
        for name in template.called
        if name in bodies and name not in seen
    )
    return template.annotations.union(*below)


def _misfits(place: Place, message: str) -> Iterator[str]:
    name = str(place[-1])
    kind = next(str(part).removesuffix("_configs") for part in place if str(part).endswith("_configs"))
    longest = _LONGEST.get((kind, name)) or _LONGEST.get((kind, str(place[-2])), 1 << 20)
    if name in _NEVER_EMPTY and not message.strip():
        yield f"{name} comes out empty"
    if name in _LINES and "\n" in message.strip():
        yield f"{name} comes out with several lines"
    if (kind, name) == ("pagerduty", "severity") and message not in _SEVERITIES:
        yield f"severity comes out as {message!r}, PagerDuty knows {', '.join(_SEVERITIES)}"
    if len(message) > longest:
        yield f"{name} comes out with {len(message)} letters, {kind} takes {longest}"


def _filled(program: str, files: Mapping[str, str], wanted: list[str], data: Mapping[str, Any]) -> dict[str, str]:
    """Return texts with what they come out as; all of them in one call of amtool."""
    with TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_text(content, encoding="utf-8")
        whole = render(program, Path(folder, "*.tmpl"), _BETWEEN.join(wanted), data)
    return dict(zip(wanted, whole.split(_BETWEEN), strict=True))
