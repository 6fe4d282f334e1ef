"""Go templates: what they call and show, and what is wrong with them."""

from __future__ import annotations

import pytest

from alertmanager.lint.go_template import read


def test_what_is_shown() -> None:
    found = read(
        '{{ define "a" }}{{ range $i, $x := .Alerts.Firing }}{{ $x.Labels.job }}{{ template "b" $x }}{{ end }}{{ end }}'
        '{{ index .CommonLabels "feature_name" }}{{ (index .Alerts 0).Annotations.value }}{{ .CommonLabels.SortedPairs.Names }}'
    )
    assert (found.defined, found.called, found.faults) == (["a"], ["b"], [])
    assert (found.labels, found.annotations) == ({"job", "feature_name"}, {"value"})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{{ .Status", "braces"),
        (".Status }}", "braces"),
        ("{{ }}", "an empty action"),
        ("{{ end }}", "end without a beginning"),
        ("{{ else }}", "else without a beginning"),
        ("{{ if .Status }}", "if without end"),
        ("{{ /* x }}", "a comment without end"),
        ("{{ .Status | upper }}", "no function upper"),
        ("{{ .Alert }}", "a notification has no Alert"),
        ("{{ range .Alerts }}{{ .labels.job }}{{ end }}", "a notification has no labels"),
        ("{{ $.CommonLabel.job }}", "a notification has no CommonLabel"),
    ],
)
def test_what_is_wrong(text: str, fault: str) -> None:
    assert any(fault in each for each in read(text).faults), read(text).faults


@pytest.mark.parametrize(
    "text",
    [
        "no template { } at all",
        "{{- /* a comment. with .Dots and words */ -}}",
        '{{ .Status | toUpper | printf "%s.x nothing" }}',
        "{{ with .Labels.owner }}{{ . }}{{ else }}{{ .StartsAt.UTC.Format `2006-01-02 end` }}{{ end }}",
        '{{ if and (eq .Status "firing") (gt (len .Alerts) 1) }}{{ end }}',
    ],
)
def test_what_is_right(text: str) -> None:
    assert read(text).faults == []
