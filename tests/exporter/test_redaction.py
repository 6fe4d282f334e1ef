from __future__ import annotations

import io
import logging
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.configuration import ConfigurationError, parse
from exporter.logs import configure
from exporter.redaction import redacted

CANARY = "cAnArY-7f3a"

CARRIERS = [
    f"https://reader:{CANARY}@logs.example:8443/churn",
    f"https://{CANARY}@logs.example/churn",
    f"postgresql+psycopg://reader:p@{CANARY}@db/log",
    f"s3://bucket/key?X-Amz-Signature={CANARY}&x=1",
    f"https://logs.example/?a=1&sig={CANARY}#top",
    f"host=db user=reader password={CANARY} sslmode=require",
    f"PASSWORD='{CANARY} {CANARY}'",
    f"Server=db;Pwd={CANARY};Encrypt=yes",
    f"--api-key={CANARY}",
    f"AWS_SECRET_ACCESS_KEY={CANARY}",
    f"Authorization: Bearer {CANARY}",
    f"authorization: Basic {CANARY}==",
]


@pytest.mark.parametrize("text", CARRIERS)
def test_what_carries_a_secret_is_shown_without_it(text: str) -> None:
    shown = redacted(f"cannot read {text}: no such thing")
    assert CANARY not in shown
    assert shown.startswith("cannot read ")
    assert "***" in shown


@pytest.mark.parametrize(
    "text",
    [
        "no file matches /var/log/churn/predictions.jsonl",
        "https://github.com/owner/name/blob/main/page.md#heading",
        "models.fraud.fields.key: must be a dotted path; such as features.token_count",
        'the key "secret" is here twice; the first is on line 2',
        "reader@example.com writes to /a@b/c",
        "url=https://logs.example/churn rows=3 level=info",
    ],
)
def test_what_carries_none_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text


@given(st.text(max_size=200))
def test_twice_is_once_and_nothing_fails(text: str) -> None:
    assert redacted(redacted(text)) == redacted(text)


@pytest.mark.parametrize("text", ["password=" * 20_000, "a" * 200_000, "x://" * 10_000, "token-" * 30_000 + "@"])
def test_long_texts_take_no_time_to_speak_of(text: str) -> None:
    """Quadratic time would be minutes here."""
    assert len(redacted(text)) <= len(text) + 10


@pytest.mark.parametrize("form", ["logfmt", "json"])
@pytest.mark.parametrize("carrier", CARRIERS)
def test_the_log_shows_no_secret(form: str, carrier: str) -> None:
    stream = io.StringIO()
    configure("info", form, stream)  # type: ignore[arg-type]  # both are formats
    logger = logging.getLogger("tests.redaction")
    fields = {"address": carrier, "error": OSError(carrier)}
    logger.error("failed: %s", carrier, extra={"fields": fields}, exc_info=OSError(f"cannot reach {carrier}"))
    assert CANARY not in stream.getvalue()
    assert "cannot reach" in stream.getvalue()


# Wherever a value can be wrong, and where a key can.
PLACES = [
    "models: {{m: {{task: {0}, predictions: p}}}}",
    "models: {{m: {{task: binary, predictions: {0}}}}}",
    "models: {{m: {{task: binary, predictions: {{path: [p, {0}]}}}}}}",
    "models: {{m: {{task: binary, predictions: p, labels: {{path: {0}, horizon: {0}}}}}}}",
    "models: {{m: {{task: binary, predictions: p, reference: {0}}}}}",
    "models: {{m: {{task: binary, predictions: p, windows: [{0}]}}}}",
    "models: {{m: {{task: binary, predictions: p, threshold: {0}}}}}",
    "models: {{m: {{task: binary, predictions: p, positive_class: {0}, classes: [a, b]}}}}",
    "models: {{m: {{task: binary, predictions: p, time_zone: {0}}}}}",
    "models: {{m: {{task: binary, predictions: p, info: {{trained_at: {0}}}}}}}",
    "models: {{m: {{task: binary, predictions: p, fields: {{score: [{0}, '']}}}}}}",
    "models: {{m: {{task: binary, predictions: p, {0}: 1}}}}",
    "models: {{m: {{task: binary, predictions: p}}}}\n{0}: 1",
    "models: {{{0}: {{task: binary}}}}",
    "models: {{m: {{task: binary, predictions: p}}}}\nstorage: {{path: {0}}}",
    "evaluation_interval: {0}",
    "password: {0}",
    "models: {0}",
    "{0}",
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("carrier", [carrier for carrier in CARRIERS if "'" not in carrier])
def test_no_message_about_a_configuration_shows_a_secret(place: str, carrier: str) -> None:
    # Only a file may be called so, and a folder.
    is_fine = any(sign in place for sign in ("path", "predictions: {0}", "reference")) and "://" not in carrier
    with nullcontext() if is_fine and "horizon" not in place else pytest.raises(ConfigurationError) as refused:
        parse(place.format(f"'{carrier}'"), file="d.yml", folder=Path("/etc"))
    assert CANARY not in str(refused and refused.value)


@pytest.mark.parametrize("sign", ["*", "&", "!"])
def test_neither_does_one_about_a_password_that_is_not_in_quotes(sign: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(f"password: {sign}{CANARY}\nmodels: {{}}\n", file="d.yml", folder=Path("/etc"))
    assert CANARY not in str(refused.value)
