"""What a dashboard has around its panels: annotations, rights; and how Grafana gets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from dashboards.lint.board_file import BoardFile, items, mapping
from dashboards.lint.check import Check, Said, of_boards, of_material
from dashboards.lint.material import Material
from exporter.catalogue import MODEL_TRAINED
from rules import syntax
from rules.groups.model import CHANGE
from rules.lint.finding import Finding, Level
from rules.lint.rule_file import duration

_BUILT_IN = "-- Grafana --"
_MOST_LAYERS = 4
_WANTED = {"ALERTS": "firing alerts", CHANGE: "changes of the model", MODEL_TRAINED.name: "trainings"}


@of_boards(
    "D38",
    Level.ERROR,
    "annotations that are missing: notes of people, firing alerts, changes of the model, trainings",
    why="The first question about a step in a line is what was changed just then.",
    mend=f'The built-in annotation, and one each of ALERTS{{alertstate="firing"}}, {CHANGE} and {MODEL_TRAINED.name}.',
)
def annotations_are_there(board: BoardFile, material: Material) -> Iterator[Said]:
    found = [each for _, each in board.annotations()]
    if not any(each.get("builtIn") and mapping(each.get("datasource")).get("uid") == _BUILT_IN for each in found):
        yield Said("the built-in annotation is missing: notes that people leave are not shown", ("annotations",))
    trees = [material.tree(query) for query in board.queries if query.kind == "annotation"]
    read = {syntax.name_of(each) for tree in trees if tree is not None for each in syntax.selectors(tree)}
    for name, what in _WANTED.items():
        if name not in read:
            yield Said(f"there is no annotation of {what}", ("annotations",))
    if len(found) > _MOST_LAYERS + 1:
        yield Said(f"{len(found)} layers of annotations", ("annotations",))


@of_boards(
    "D39",
    Level.ERROR,
    "a dashboard that can be edited in place, or that carries a number of one installation",
    why="What is changed by hand is lost at the next deployment; an id of another installation overwrites what it names there.",
    mend="editable false, and no id.",
)
def boards_are_not_edited(board: BoardFile, _: Material) -> Iterator[Said]:
    if board.data.get("editable") is not False:
        yield Said("editable is not false", ("editable",))
    if board.data.get("id") is not None:
        yield Said(f"the id is {board.data['id']}", ("id",))


@of_material(
    "D40",
    Level.ERROR,
    "provisioning that does not fit the dashboards",
    why="A data source of another uid, or a folder that two providers claim: dashboards are there, and empty.",
    mend="See dashboards/provision.py: one provider with folderUid, no changes in place, timeInterval as scraped.",
)
def provisioning_fits(check: Check, material: Material) -> Iterator[Finding]:
    folder = material.provisioning
    for path in sorted(folder.glob("*.yml")) if folder is not None else ():
        document = mapping(yaml.safe_load(path.read_text(encoding="utf-8")))
        for text in _provisioning_faults(document, material):
            yield Finding(str(path), 1, check.code, check.level, text)
    if folder is not None and not any(folder.glob("*.yml")):
        yield Finding(str(Path(folder)), 1, check.code, check.level, "there is no provisioning")


def _provisioning_faults(document: Any, material: Material) -> Iterator[str]:
    if document.get("apiVersion") != 1:
        yield f"apiVersion is {document.get('apiVersion')}"
    for each in items(document.get("providers")):
        options = mapping(each.get("options"))
        if not each.get("folder") or not each.get("folderUid") or options.get("foldersFromFilesStructure"):
            yield "the provider has to name folder and folderUid, and not to take folders from files"
        if each.get("allowUiUpdates") is not False:
            yield "allowUiUpdates is not false: what is changed by hand is lost"
        if each.get("type") != "file" or not options.get("path"):
            yield "the provider reads no files"
    for each in items(document.get("datasources")):
        interval = mapping(each.get("jsonData")).get("timeInterval")
        if duration(interval) != material.settings.scrape_interval:
            yield f"timeInterval is {interval}, and scrapes come every {material.settings.scrape_interval} s"
        if not each.get("uid") or each.get("type") != "prometheus":
            yield "the data source is to be a Prometheus with a uid of its own"
