"""compose.yml against the Compose Specification, and against what it promises. It was not run by a Docker here."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from compose.addresses import IN_CONTAINERS
from compose.stack import services
from compose.stack.files import MOUNTS
from tests.compose.samples import ROOT

FOLDER = ROOT / "compose"
SCHEMA = json.loads((Path(__file__).parent / "schemas" / "compose.json").read_text("utf-8"))
DOCUMENT = yaml.safe_load((FOLDER / "compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]

each_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES.keys())


def mounts(service: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return source, target and mode of each mount."""
    return [(*each.split(":"), "rw")[:3] for each in service["volumes"]]


def test_it_keeps_to_the_specification() -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    validator.validate(DOCUMENT)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"services": {"a": {"no_such_key": 1}}})


def test_all_that_is_wanted_is_there() -> None:
    assert SERVICES.keys() == {"replayer", "driftbell", "sink", "alertmanager", "prometheus", "grafana"}


@each_service
def test_whoever_breaks_in_can_do_little(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert not service.keys() & {"privileged", "cap_add", "network_mode", "pid", "devices", "user"}
    assert not any("docker.sock" in source for source, _, _ in mounts(service))


@each_service
def test_only_loopback_reaches_the_ports(service: dict[str, Any]) -> None:
    for published in service.get("ports", []):
        host, outside, inside = published.split(":")
        assert host == "127.0.0.1"
        assert outside == inside


@each_service
def test_its_image_is_built_here_or_pinned(service: dict[str, Any]) -> None:
    image = service["image"]
    assert re.fullmatch(r"driftbell:local|[a-z]+/[a-z]+:v?\d+\.\d+\.\d+(@sha256:[0-9a-f]{64})?", image), image
    assert ("build" in service) == (image == "driftbell:local")


@each_service
def test_what_is_mounted_is_there_and_cannot_be_changed(service: dict[str, Any]) -> None:
    for source, target, mode in mounts(service):
        assert target.startswith("/")
        if source.startswith("."):
            assert (FOLDER / source).resolve().exists(), source
            assert (FOLDER / source).resolve().is_relative_to(ROOT)
            assert mode == "ro"
        else:
            assert source in DOCUMENT["volumes"]


def test_every_volume_is_used_and_one_service_writes_to_it() -> None:
    used = [(source, mode) for service in SERVICES.values() for source, _, mode in mounts(service)]
    writers = [source for source, mode in used if mode == "rw"]
    assert sorted(writers) == sorted(DOCUMENT["volumes"])


@each_service
def test_its_health_is_looked_at_where_it_listens(service: dict[str, Any]) -> None:
    test = service["healthcheck"]["test"]
    assert test[0] == "CMD"
    ports = re.findall(r"http://127\.0\.0\.1:(\d+)/", test[-1])
    assert ports == [published.split(":")[2] for published in service.get("ports", [])]


def test_whoever_needs_another_waits_until_it_is_well() -> None:
    needs = {name: service.get("depends_on", {}) for name, service in SERVICES.items()}
    assert {name: set(of) for name, of in needs.items() if of} == {
        "driftbell": {"replayer"},
        "alertmanager": {"sink"},
        "prometheus": {"driftbell", "alertmanager"},
        "grafana": {"prometheus"},
    }
    assert {each["condition"] for of in needs.values() for each in of.values()} == {"service_healthy"}


def test_everything_listens_where_the_others_look_for_it() -> None:
    for name, address in IN_CONTAINERS.named().items():
        host, _, port = address.partition(":")
        service = SERVICES[host]
        assert name == "mail" or f"127.0.0.1:{port}:{port}" in service["ports"]
    assert SERVICES["sink"]["entrypoint"][3:] == ["--web=0.0.0.0:9097", "--mail=0.0.0.0:9025"]


def test_the_stack_without_containers_uses_the_same_places() -> None:
    placed = {target: source for service in SERVICES.values() for source, target, _ in mounts(service)}
    for path, place in MOUNTS.items():
        assert (FOLDER / placed[path]).resolve() == place


def test_the_stack_without_containers_starts_them_alike() -> None:
    assert f"--storage.tsdb.retention.time={services.RETENTION}" in SERVICES["prometheus"]["command"]
    environment = dict(SERVICES["grafana"]["environment"])
    home = environment.pop("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH")
    assert environment == {**services.GRAFANA_ENVIRONMENT, "GF_LOG_MODE": "console"}
    assert home == f"/etc/driftbell/dashboards/{services.HOME_DASHBOARD}"
    assert (MOUNTS["/etc/driftbell/dashboards"] / services.HOME_DASHBOARD).is_file()


def test_grafana_has_no_account_and_so_no_password() -> None:
    assert SERVICES["grafana"]["environment"]["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"
    assert "password" not in (FOLDER / "compose.yml").read_text("utf-8").lower().replace("no password either", "")


def test_no_key_in_it_is_a_path_of_one_machine_or_an_unset_variable() -> None:
    assert "$" not in (FOLDER / "compose.yml").read_text("utf-8")
