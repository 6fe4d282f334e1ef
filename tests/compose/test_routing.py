from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from alertmanager.document import configuration
from compose import routing
from compose.stack.files import lay_out
from tests.compose.samples import ADDRESSES, ROOT
from tests.end_to_end.test_prometheus import program

COMMITTED = ROOT / "compose" / "alertmanager"
# What a receiver needs to know to reach somebody.
REACHES = {"url", "smtp_smarthost", "smtp_require_tls"}


def found() -> Any:
    return yaml.safe_load((COMMITTED / "alertmanager.yml").read_text("utf-8"))


def test_every_receiver_is_the_sink() -> None:
    text = (COMMITTED / "alertmanager.yml").read_text("utf-8")
    assert set(re.findall(r"https?://([^/\s]+)", text)) == {"sink:9097"}
    assert found()["global"]["smtp_smarthost"] == "sink:9025"
    urls = [path.read_text("utf-8") for path in (COMMITTED / "secrets").iterdir() if path.name.endswith("_url")]
    assert urls == ["http://sink:9097/chat\n"]


def test_all_else_is_as_in_earnest() -> None:
    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without(inner) for key, inner in value.items() if key not in REACHES}
        return [without(inner) for inner in value] if isinstance(value, list) else value

    committed = yaml.safe_load((ROOT / "alertmanager" / "generated" / "alertmanager.yml").read_text("utf-8"))
    assert without(found()) == without(committed)
    assert found()["global"].keys() == committed["global"].keys()


def test_a_key_that_alertmanager_reads_from_a_file_is_there_and_opens_nothing() -> None:
    named = set(re.findall(r"_file: /etc/alertmanager/secrets/(\w+)", (COMMITTED / "alertmanager.yml").read_text()))
    there = {path.name: path.read_text("utf-8") for path in (COMMITTED / "secrets").iterdir()}
    assert there.keys() == named
    assert {text for name, text in there.items() if name != "slack_url"} == {"placeholder\n"}


def test_amtool_accepts_it_with_the_templates(tmp_path: Path) -> None:
    files = lay_out(tmp_path, ADDRESSES)
    checked = subprocess.run(
        [program("amtool"), "check-config", files.alertmanager], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "1 templates" in checked.stdout


def test_another_address_is_one_argument() -> None:
    made = yaml.safe_load(routing.document(addresses=ADDRESSES))
    assert made == configuration(routing.settings(ADDRESSES))
    assert ADDRESSES.sink in made["receivers"][0]["webhook_configs"][0]["url"]
