from __future__ import annotations

import json
from pathlib import Path

from exporter.configuration import json_schema
from exporter.configuration.page import configuration_page

PAGE = Path(__file__).parents[3] / "docs" / "configuration.md"


def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text() == configuration_page(), "run make generate"


def test_every_key_of_the_schema_is_on_the_page() -> None:
    schema = json_schema()
    page = configuration_page()
    for section in (schema, *schema["$defs"].values()):
        for key in section["properties"]:
            assert f"| `{key}` |" in page


def test_every_key_says_what_it_means() -> None:
    of_everything = json_schema()["description"]
    for line in configuration_page().splitlines():
        if line.startswith("| `"):
            meaning = line.rsplit("|", 2)[1].strip()
            assert meaning, line
            assert meaning != of_everything, line


def test_only_fields_of_the_reference_are_inherited() -> None:
    page = configuration_page()
    section = page[page.index("## models.NAME.reference.fields") :].split("\n## ")[0]
    assert page.count("which is the default") == section.count("which is the default") > 5


def test_defaults_are_json() -> None:
    assert f"`{json.dumps(['1h', '24h'])}`" in configuration_page()
