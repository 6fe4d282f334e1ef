"""Linting: all checks over all files, less what is exempted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rules.lint import exemptions, portability
from rules.lint.exemptions import Exemption
from rules.lint.finding import Finding
from rules.lint.material import Beside, Material
from rules.lint.registry import CHECKS
from rules.lint.rule_file import RuleFile, read

_ROOT = Path(__file__).parents[2]
GENERATED = _ROOT / "rules" / "generated"


def beside() -> Beside:
    """Return what of the repository the rules have to agree with, as far as it is there."""
    return Beside(
        runbooks=_there(_ROOT / "rules" / "runbooks"),
        dashboards=_there(_ROOT / "dashboards" / "generated"),
        routing=_there(_ROOT / "alertmanager" / "generated" / "alertmanager.yml"),
    )


def _there(path: Path) -> Path | None:
    return path if path.exists() else None


def lint(paths: Iterable[Path] | None = None) -> list[Finding]:
    """Lint rule files, by default the generated ones. Raises OSError and ExemptionError."""
    files = [read(path) for path in sorted(paths if paths is not None else GENERATED.glob("*.yml"))]
    material = Material(files, context(files), beside=beside(), promtool=portability.promtool())
    return findings(material, exemptions.read())


def context(files: Iterable[RuleFile]) -> list[RuleFile]:
    """Return our generated files that others stand for none of: a copy is known by its name."""
    given = {file.path.name for file in files}
    return [read(path) for path in sorted(GENERATED.glob("*.yml")) if path.name not in given]


def findings(material: Material, exempted: list[Exemption]) -> list[Finding]:
    names = {rule.name for rule in material.rules}
    return sorted(exemptions.applied(_all(material), exempted, lambda each: each.is_about(names)))


def _all(material: Material) -> Iterator[Finding]:
    unreadable = [file for file in material.files if _is_unreadable(file)]
    for check in CHECKS:
        # Of what cannot be read there is nothing else to say.
        if not unreadable or check.code == "F01":
            yield from check(material)


def _is_unreadable(file: RuleFile) -> bool:
    return any(flaw.kind == "yaml" for flaw in file.flaws)
