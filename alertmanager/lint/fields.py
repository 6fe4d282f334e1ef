"""Which fields Alertmanager knows from which version on; written down from its documentation and by trying."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from alertmanager.lint.check import Said, check
from alertmanager.lint.material import Material
from alertmanager.simulation.tree import Place
from rules.lint.finding import Level

Version = tuple[int, int]
OLDEST: Version = (0, 25)


def _of(*names: str, **later: Version) -> dict[str, Version]:
    return {**dict.fromkeys(" ".join(names).split(), OLDEST), **later}


_TOP = _of("global route inhibit_rules receivers templates mute_time_intervals time_intervals", tracing=(0, 30))
_GLOBAL = _of(
    "resolve_timeout http_config smtp_from smtp_hello smtp_smarthost smtp_auth_username smtp_auth_password",
    "smtp_auth_password_file smtp_auth_secret smtp_auth_identity smtp_require_tls slack_api_url slack_api_url_file",
    "pagerduty_url opsgenie_api_url opsgenie_api_key opsgenie_api_key_file wechat_api_url wechat_api_secret",
    "wechat_api_corp_id victorops_api_url victorops_api_key victorops_api_key_file telegram_api_url webex_api_url",
    smtp_tls_config=(0, 28),
    jira_api_url=(0, 28),
    rocketchat_api_url=(0, 28),
    rocketchat_token=(0, 28),
    rocketchat_token_file=(0, 28),
    slack_app_token=(0, 30),
    slack_app_token_file=(0, 30),
    slack_app_url=(0, 30),
    smtp_auth_secret_file=(0, 31),
)
_ROUTE = _of(
    "receiver group_by match match_re matchers mute_time_intervals active_time_intervals continue routes group_wait",
    "group_interval repeat_interval",
    labels=(0, 34),
)
_INHIBITION = _of(
    "source_match source_match_re source_matchers target_match target_match_re target_matchers equal",
    name=(0, 30),
)
_RECEIVER = _of(
    "name discord_configs email_configs pagerduty_configs slack_configs webhook_configs opsgenie_configs wechat_configs",
    "pushover_configs victorops_configs sns_configs telegram_configs webex_configs",
    msteams_configs=(0, 26),
    msteamsv2_configs=(0, 28),
    jira_configs=(0, 28),
    rocketchat_configs=(0, 28),
    incidentio_configs=(0, 29),
    mattermost_configs=(0, 30),
)
_INTERVAL = _of("name time_intervals")
_PART = _of("times weekdays days_of_month months years location")
_SPAN = _of("start_time end_time")
_HTTP = _of(
    "basic_auth authorization oauth2 bearer_token bearer_token_file tls_config proxy_url follow_redirects enable_http2",
    proxy_connect_header=(0, 26),
    no_proxy=(0, 26),
    proxy_from_environment=(0, 26),
    http_headers=(0, 28),
)
_AUTHORIZATION = _of("type credentials credentials_file")
_BASIC = _of("username password password_file", username_file=(0, 28))
# Of receivers of other kinds only that the kind is known is checked.
_INTEGRATIONS: Mapping[str, Mapping[str, Version]] = {
    "email": _of(
        "send_resolved to from hello smarthost auth_username auth_password auth_password_file auth_secret auth_identity",
        "headers html text require_tls tls_config",
        threading=(0, 30),
        auth_secret_file=(0, 31),
    ),
    "pagerduty": _of(
        "send_resolved http_config service_key service_key_file routing_key routing_key_file url client client_url",
        "description details images links severity class component group",
        source=(0, 26),
        timeout=(0, 30),
    ),
    "slack": _of(
        "send_resolved http_config api_url api_url_file channel username color title title_link pretext text fields",
        "short_fields footer fallback callback_id icon_emoji icon_url image_url thumb_url link_names mrkdwn_in actions",
        timeout=(0, 30),
        app_token=(0, 30),
        app_token_file=(0, 30),
        app_url=(0, 30),
        message_text=(0, 31),
        update_message=(0, 32),
    ),
    "webhook": _of(
        "send_resolved http_config url max_alerts",
        url_file=(0, 26),
        timeout=(0, 28),
        payload=(0, 32),
    ),
}


def version(text: str) -> Version:
    """Read a version such as 0.25. Raises ValueError."""
    major, _, minor = text.removeprefix("v").partition(".")
    return int(major), int(minor.partition(".")[0])


@check(
    "M01",
    Level.ERROR,
    "a field or a kind of receiver that the oldest version does not know",
    why="Alertmanager refuses the whole file, and goes on with the one before until it restarts; then it does not start.",
    mend="What the message names has an older form in most cases, such as a relay instead of url_file. `--target` says which"
    " version is the oldest that has to read the file.",
    basic=True,
)
def fields_are_known(material: Material) -> Iterator[Said]:
    for place, data, fields in _parts(material):
        for name in data:
            since = fields.get(name)
            if since is None:
                yield Said(f"there is no field {name} here", (*place, name))
            elif since > material.target:
                wanted, has = (f"{major}.{minor}" for major, minor in (since, material.target))
                yield Said(f"{name} is known from {wanted} on, not to {has}", (*place, name))


def _parts(material: Material) -> Iterator[tuple[Place, Mapping[str, Any], Mapping[str, Version]]]:
    document = material.document
    yield (), document, _TOP
    if isinstance(document.get("global"), dict):
        yield ("global",), document["global"], _GLOBAL
        yield from _http(("global",), document["global"])
    for place, route in material.raw_routes():
        yield place, route, _ROUTE
    for place, rule in material.inhibitions():
        yield place, rule, _INHIBITION
    for place, receiver in material.receivers():
        yield place, receiver, _RECEIVER
    for place, kind, one in material.integrations():
        if kind in _INTEGRATIONS:
            yield place, one, _INTEGRATIONS[kind]
        yield from _http(place, one)
    for place, interval in material.intervals():
        yield from _of_interval(place, interval)


def _http(place: Place, data: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any], Mapping[str, Version]]]:
    http = data.get("http_config")
    if isinstance(http, dict):
        yield (*place, "http_config"), http, _HTTP
        for key, fields in (("authorization", _AUTHORIZATION), ("basic_auth", _BASIC)):
            if isinstance(http.get(key), dict):
                yield (*place, "http_config", key), http[key], fields


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _of_interval(
    place: Place, interval: Mapping[str, Any]
) -> Iterator[tuple[Place, Mapping[str, Any], Mapping[str, Version]]]:
    yield place, interval, _INTERVAL
    for number, part in enumerate(_list(interval.get("time_intervals"))):
        where = (*place, "time_intervals", number)
        if isinstance(part, dict):
            yield where, part, _PART
            for at, span in enumerate(_list(part.get("times"))):
                if isinstance(span, dict):
                    yield (*where, "times", at), span, _SPAN
