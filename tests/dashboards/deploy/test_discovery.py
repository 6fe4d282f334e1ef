from __future__ import annotations

import json

import pytest

from dashboards.deploy.discovery import chosen
from dashboards.deploy.legacy import Legacy
from rules.deploy.failure import DeployError, Exit
from tests.dashboards.deploy.stand_in import BOTH, Grafana
from tests.rules.deploy.samples import client
from tests.rules.deploy.stand_in import Answer, serving

V1 = {"dashboard.grafana.app": ["v2", "v1", "v1beta1"], "folder.grafana.app": ["v1", "v1beta1"]}
ALPHA = {"dashboard.grafana.app": ["v0alpha1"], "folder.grafana.app": ["v1"]}


@pytest.mark.parametrize(
    ("version", "groups", "wanted", "name"),
    [
        ("11.6.0", {}, "", "/api"),
        ("11.6.0", BOTH, "", "/api"),
        ("11.6.0", BOTH, "apis", "/apis/dashboard.grafana.app/v1beta1"),
        ("12.0.0", ALPHA, "", "/api"),
        ("12.1.0", BOTH, "", "/apis/dashboard.grafana.app/v1beta1"),
        ("13.0.1", V1, "", "/apis/dashboard.grafana.app/v1"),
        ("13.0.1", V1, "legacy", "/api"),
        ("", V1, "", "/apis/dashboard.grafana.app/v1"),
        ("", {}, "", "/api"),
    ],
)
def test_the_server_says_which_api_it_has(version: str, groups: dict[str, list[str]], wanted: str, name: str) -> None:
    with serving(Grafana(version, groups)) as (url, _):
        assert chosen(client(url), wanted).name == name


def test_an_api_that_is_not_there_is_told() -> None:
    with serving(Grafana("11.6.0", {})) as (url, _), pytest.raises(DeployError, match="--api legacy") as caught:
        chosen(client(url), "apis")
    assert caught.value.code is Exit.UNSUITABLE


@pytest.mark.parametrize("answer", [(401, "{}"), (403, "{}"), (404, "page not found"), (200, "<html>")])
def test_without_a_list_of_apis_there_is_the_old_one(answer: Answer) -> None:
    with serving(Grafana(faults=[("GET /apis", answer)])) as (url, _):
        assert isinstance(chosen(client(url)), Legacy)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            (200, "<!doctype html><title>Log in</title>"),
            r"perhaps that of a proxy, to log in\): is it the right address",
        ),
        ((200, json.dumps({"status": "success"})), "right address"),
        ((404, "page not found"), "right address"),
    ],
)
def test_what_is_no_grafana_is_told(answer: Answer, message: str) -> None:
    with serving(lambda _: answer) as (url, _), pytest.raises(DeployError, match=message):
        chosen(client(url))
