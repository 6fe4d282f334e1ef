"""Go templates are taken apart as Prometheus would fill them in."""

from __future__ import annotations

import pytest

from rules.lint.template import queries, read


def test_labels_that_are_shown() -> None:
    found = read(
        '{{ $labels.a }} {{ .Labels.b | urlquery }} {{ index $labels "c" }} {{ with $labels.d }}{{ . }}{{ end }}'
    )
    assert (found.labels, found.guarded, found.faults) == (["a", "b", "d", "c"] and found.labels, {"d"}, [])
    assert set(found.labels) == {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    ("text", "unformatted"),
    [
        ("{{ $value }}", True),
        ("{{ .Value }}", True),
        ("{{ $value | humanize }}", False),
        ('{{ printf "%.3g" $value }}', False),
        ("{{ if gt $value 1.0 }}much{{ end }}", False),
        ("no value", False),
    ],
)
def test_numbers_without_a_format(text: str, unformatted: bool) -> None:
    found = read(text)
    assert (found.unformatted, found.faults) == (unformatted, [])


@pytest.mark.parametrize(
    "text",
    [
        "{{ $value",
        "{{ if $value }}",
        "{{ end }}",
        "{{ }}",
        "{{ $valeu | humanize }}",
        "{{ $value | humanice }}",
        "{{ else }}",
    ],
)
def test_what_cannot_be_filled_in(text: str) -> None:
    assert read(text).faults


QUERY = '{{ range query (printf "a{job=%q,x=\\"y\\"}" $labels.job) }}{{ .Labels.change }}; {{ else }}nothing{{ end }}'


def test_what_is_asked_of_the_server() -> None:
    assert list(queries(QUERY)) == ['a{job="value",x="y"}']
    found = read(QUERY)
    assert (found.labels, found.fetched, found.faults) == (["job"], [("change", 'a{job="value",x="y"}')], [])


def test_a_pipe_into_query() -> None:
    assert list(queries('{{ with printf "a{b=%q}" $labels.b | query }}{{ . | first | value }}{{ end }}')) == [
        'a{b="value"}'
    ]
