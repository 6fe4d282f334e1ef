"""Files and groups: what Prometheus would refuse or misread, what slows it down, what makes alerts start over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rules.lint.check import Check, of_material
from rules.lint.finding import Finding, Level
from rules.lint.material import Material
from rules.lint.rule_file import Rule, duration, read
from rules.seal import is_genuine

_GROUP_FIELDS = {"name", "interval", "limit", "rules"}
_RULE_FIELDS = {"record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"}
_LATER = {"query_offset": "2.53", "labels": "3.0", "partial_response_strategy": "none: Thanos alone knows it"}
_MOST_RULES = 20
_SLOWEST, _FASTEST = 300, 10


@of_material(
    "F01",
    Level.ERROR,
    "a key that is written twice, a value that is no text, an alias, or YAML that cannot be read",
    why="Prometheus takes the last of two keys, and other readers the first; `on` and `1h` mean different things to each.",
    mend="Write each key once, put what looks like a number or a truth value in quotes, write aliases out.",
)
def yaml_is_plain(check: Check, material: Material) -> Iterator[Finding]:
    texts = {
        "yaml": "cannot be read: {}",
        "duplicate": "{} is written twice",
        "type": "{}",
        "alias": "{} is an alias",
        "shape": "{}",
    }
    for file in material.files:
        for flaw in file.flaws:
            if flaw.kind in texts:
                yield check.finding(texts[flaw.kind].format(flaw.text), file=file.name, line=flaw.line)


@of_material(
    "F02",
    Level.ERROR,
    "a field that Prometheus 2.42 does not know, or that is missing",
    why="Prometheus refuses a file with one unknown field, and with it the whole reload.",
    mend="Take the field out; labels of a group go into each of its rules.",
)
def fields_are_known(check: Check, material: Material) -> Iterator[Finding]:
    for file in material.files:
        for flaw in file.flaws:
            if flaw.kind == "field":
                yield check.finding(f"{flaw.text}: a rule file has groups alone", file=file.name, line=flaw.line)
    for group in material.groups:
        for key in group.fields.keys() - _GROUP_FIELDS:
            text = f"{key}: {_since(key)}" if key in _LATER else f"{key} is no field of a group"
            yield check.finding(text, file=group.file, line=group.line)
        if not group.name:
            yield check.finding("a group without a name", file=group.file, line=group.line)
    for rule in material.rules:
        yield from (check.finding(text, rule=rule, line=rule.line_of(key)) for key, text in _rule_flaws(rule))


def _since(key: str) -> str:
    return f"a group has it since Prometheus {_LATER[key]}"


def _rule_flaws(rule: Rule) -> Iterator[tuple[str, str]]:
    for key in sorted(rule.fields.keys() - _RULE_FIELDS):
        yield key, f"{key} is no field of a rule"
    if ("record" in rule.fields) == ("alert" in rule.fields):
        yield "alert", "a rule is either a record or an alert"
    if "expr" not in rule.fields:
        yield "expr", "there is no expr"
    if "record" in rule.fields:
        for key in sorted({"for", "keep_firing_for", "annotations"} & rule.fields.keys()):
            yield key, f"a record has no {key}"
    for key in ("for", "keep_firing_for"):
        if key in rule.fields and duration(rule.fields[key]) is None and rule.fields[key] != "0":
            yield key, f"{key}: {rule.fields[key]} is no duration such as 10m"


@of_material(
    "F03",
    Level.ERROR,
    "two groups of one name",
    why="Within a file Prometheus refuses it; in Mimir's namespaces and in plans of a deployment one hides the other.",
    mend="Give each group of all files a name of its own.",
)
def group_names_are_unique(check: Check, material: Material) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for group in material.groups:
        if group.name in seen:
            yield check.finding(f"{seen[group.name]} has a group {group.name} too", file=group.file, line=group.line)
        seen.setdefault(group.name, group.file)


@of_material(
    "F04",
    Level.WARNING,
    "an alert that is now in another file or group than the one that is deployed",
    why="Prometheus keeps the state of an alert under its file, group, name and labels: under another one `for` begins anew.",
    mend="Move it back; or deploy at a moment when nothing is pending or firing.",
)
def alerts_stay_where_they_are(check: Check, material: Material) -> Iterator[Finding]:
    if material.beside.deployed is None:
        return
    before: dict[tuple[object, ...], tuple[str, str]] = {}
    for path in sorted(material.beside.deployed.glob("*.yml")):
        for rule in read(path).rules:
            before[_identity(rule)] = (path.name, rule.group.name)
    for rule in material.alerts:
        place, now = before.get(_identity(rule)), (Path(rule.file).name, rule.group.name)
        if place is not None and place != now:
            yield check.finding(f"was in {' / '.join(place)}, is in {' / '.join(now)}", rule=rule)


def _identity(rule: Rule) -> tuple[object, ...]:
    return rule.name, rule.is_alert, tuple(sorted(rule.labels.items()))


@of_material(
    "F05",
    Level.WARNING,
    f"a group of more than {_MOST_RULES} rules",
    why="Rules of a group are evaluated one after the other; Mimir refuses groups of more than 20 by default.",
    mend="Split the group by subject.",
)
def groups_are_small(check: Check, material: Material) -> Iterator[Finding]:
    for group in material.groups:
        if len(group.rules) > _MOST_RULES:
            yield check.finding(f"{group.name} has {len(group.rules)} rules", file=group.file, line=group.line)


@of_material(
    "F06",
    Level.WARNING,
    "a group that is evaluated too rarely or too often",
    why="Series go stale after five minutes, so rarer records have gaps; oftener than scrapes there is nothing new.",
    mend=f"Choose an interval between {_FASTEST} seconds and {_SLOWEST // 60} minutes.",
)
def intervals_are_sensible(check: Check, material: Material) -> Iterator[Finding]:
    for group in material.groups:
        seconds = group.interval
        if seconds is None and "interval" in group.fields:
            yield check.finding(f"{group.fields['interval']} is no duration", file=group.file, line=group.line)
        elif seconds is not None and not _FASTEST <= seconds <= _SLOWEST:
            yield check.finding(f"{group.name} is evaluated every {seconds:g} s", file=group.file, line=group.line)


@of_material(
    "F09",
    Level.ERROR,
    "two records of one name and labels, or two alerts that can be the same",
    why="Two records overwrite each other; of two alerts with equal labels one resolves what the other fires.",
    mend="Join them with `or`, or give each a label of its own.",
)
def rules_are_distinct(check: Check, material: Material) -> Iterator[Finding]:
    seen: dict[tuple[object, ...], Rule] = {}
    for rule in material.rules:
        other = seen.setdefault(_identity(rule), rule)
        if other is not rule and rule.name:
            yield check.finding(f"the same name and labels as in line {other.line} of {other.file}", rule=rule)


@of_material(
    "F10",
    Level.WARNING,
    "a generated file that was changed by hand",
    why="The next `python -m rules build` takes the change back, and nobody has reviewed it where rules are written.",
    mend="Change rules/groups or the settings, and run `python -m rules build`.",
)
def generated_files_are_as_generated(check: Check, material: Material) -> Iterator[Finding]:
    for file in material.files:
        if not is_genuine(file.text):
            yield check.finding(
                "it is not what the generator wrote: the sum in its head differs", file=file.name, line=2
            )
