"""Planned maintenance: what is read, refused, and muted for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alertmanager import command_line
from alertmanager.maintenance import FILE, Maintenance, MaintenanceError, over, planned, refuse_over, time_interval
from alertmanager.simulation import hours

ENTRY = "{name: move, begins: 2026-03-01 22:00, ends: 2026-03-02 02:00, reason: the store moves}"
BEGINS, ENDS = datetime(2026, 3, 1, 22), datetime(2026, 3, 2, 2)  # noqa: DTZ001 - local times


def test_an_entry() -> None:
    assert planned(f"[{ENTRY}]") == (Maintenance("move", "", BEGINS, ENDS, "the store moves"),)
    [entry] = planned(f"[{ENTRY.replace('}', ', model: fraud}')}]")
    assert (entry.model, entry.interval) == ("fraud", "maintenance-move")
    assert planned("# nothing\n") == planned("[]") == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("reason: the store moves", "reason: ' '", "say the reason"),
        (", reason: the store moves", "", "needs name, begins, ends and reason"),
        ("reason:", "model: fraud, resaon:", "needs name, begins, ends and reason"),
        ("2026-03-02 02:00", "2026-03-01 21:00", "must end after it begins"),
        ("2026-03-02 02:00", "2026-03-01 22:00", "must end after it begins"),
        ("2026-03-02 02:00", "2026-03-16 02:00", "within 14 days"),
        ("2026-03-02 02:00", "2026-03-02", "ends must be a local time such as"),
        ("2026-03-02 02:00", "2026-03-02T02:00:00Z", "ends must be a local time such as"),
        ("2026-03-01 22:00", "tonight", "begins must be a local time such as"),
        ("move", "my move", "letters, digits and hyphens"),
        ("move", "größe", "letters, digits and hyphens"),
        ("name: move", "name: [", "is no YAML"),
    ],
)
def test_what_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(MaintenanceError, match=message):
        planned(f"[{ENTRY.replace(old, new, 1)}]")


@pytest.mark.parametrize("text", ["{a: b}", f"[{ENTRY}, {ENTRY}]", "[x]"])
def test_no_list_of_entries(text: str) -> None:
    with pytest.raises(MaintenanceError):
        planned(text)


def test_what_has_ended_is_refused() -> None:
    entries = planned(f"[{ENTRY}]")
    assert over(entries, ENDS - timedelta(minutes=1)) == []
    refuse_over(entries, ENDS - timedelta(minutes=1))
    with pytest.raises(MaintenanceError, match=r"has ended.* move \(on 2026-03-02 02:00\)"):
        refuse_over(entries, ENDS)


def test_building_refuses_what_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "maintenance.yml"
    file.write_text(f"[{ENTRY.replace('2026', '2020')}]", encoding="utf-8")
    monkeypatch.setattr(command_line, "FILE", file)
    assert command_line.main(["build", "--check"]) == 2
    assert "has ended" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        ("2026-03-01 22:00", "2026-03-02 02:00"),
        ("2026-03-01 22:00", "2026-03-02 00:00"),
        ("2026-03-01 00:00", "2026-03-01 00:30"),
        ("2025-12-30 12:34", "2026-01-02 12:33"),
        # Clocks are set forward, and back.
        ("2026-03-28 23:15", "2026-03-29 03:30"),
        ("2026-10-24 23:15", "2026-10-25 03:30"),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_the_interval_holds_from_beginning_to_end(begins: str, ends: str, zone: str) -> None:
    [entry] = planned(f"[{{name: x, reason: y, begins: {begins}, ends: {ends}}}]")
    parts = time_interval(entry, zone)["time_intervals"]
    place = ZoneInfo(zone)
    first, last = (moment.replace(tzinfo=place).astimezone(UTC) for moment in (entry.begins, entry.ends))
    moment = first - timedelta(hours=3)
    while moment < last + timedelta(hours=3):
        local = moment.astimezone(place).replace(tzinfo=None)
        assert hours.within(parts, moment) == (entry.begins <= local < entry.ends), moment
        moment += timedelta(minutes=15)
    assert not hours.ended(parts, first)
    assert hours.ended(parts, last + timedelta(hours=1))


def test_the_committed_file_can_be_used() -> None:
    planned(FILE.read_text(encoding="utf-8"))
