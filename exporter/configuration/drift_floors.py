"""How large a drift has to be to matter, however sure it is: floors of the thresholds by method and severity."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationInfo, field_validator

from exporter.configuration.refusal import Fault, refusals
from exporter.configuration.sections import Section
from exporter.configuration.severities import Multiples, merged, out_of_order
from exporter.configuration.values import written

DEFAULTS: Mapping[str, Mapping[str, float]] = {
    "ks": {"info": 0.10, "warning": 0.15, "critical": 0.25},
    "psi": {"info": 0.10, "warning": 0.20, "critical": 0.25},
    "wasserstein_normed": {"warning": 0.10, "critical": 0.30},
    "tail": {"warning": 0.02, "critical": 0.10},
    # What a PSI of 0.1, 0.2 and 0.25 comes to when small shares change little.
    "js": {"info": 0.13, "warning": 0.19, "critical": 0.21},
    "chi2": {"info": 0.16, "warning": 0.22, "critical": 0.25},
    "linf": {"info": 0.10, "warning": 0.15, "critical": 0.25},
    # A probability of one half that is off by 0.125 or 0.25; any that is off by 0.1 or 0.2.
    "concept_chi2": {"warning": 0.25, "critical": 0.50},
    "concept_shift": {"warning": 0.10, "critical": 0.20},
}


class DriftFloors(Section):
    """By method and severity: the score below which drift does not matter. Thresholds are at least this."""

    ks: Multiples | None = written({})
    """By default 0.1 (info), 0.15 (warning), 0.25 (critical); null: no thresholds for the method."""
    psi: Multiples | None = written({})
    """By default 0.1 (info), 0.2 (warning), 0.25 (critical)."""
    wasserstein_normed: Multiples | None = written({})
    """In standard deviations of the reference; by default 0.1 (warning), 0.3 (critical). `wasserstein` follows it."""
    tail: Multiples | None = written({})
    """By default 0.02 (warning), 0.1 (critical)."""
    js: Multiples | None = written({})
    """By default 0.13 (info), 0.19 (warning), 0.21 (critical)."""
    chi2: Multiples | None = written({})
    """Cramer's V of a window as large as the reference; by default 0.16 (info), 0.22 (warning), 0.25 (critical)."""
    linf: Multiples | None = written({})
    """By default 0.1 (info), 0.15 (warning), 0.25 (critical)."""
    concept_chi2: Multiples | None = written({})
    """Of concept drift, in units of sqrt(p (1 - p)); by default 0.25 (warning), 0.5 (critical)."""
    concept_shift: Multiples | None = written({})
    """Of concept drift, in probability; by default 0.1 (warning), 0.2 (critical)."""

    @field_validator(*DEFAULTS, mode="after")
    @classmethod
    def _severe_after_mild(cls, said: Multiples | None, info: ValidationInfo) -> Multiples | None:
        faults = list(out_of_order(merged(DEFAULTS[info.field_name or ""], said)))
        if faults:
            raise refusals(Fault(fault.message, fault.hint) for fault in faults)
        return said

    def of(self, method: str) -> dict[str, float]:
        """Return the floors of a method by severity, from the mildest; ``wasserstein`` in standard deviations."""
        name = "wasserstein_normed" if method == "wasserstein" else method
        return merged(DEFAULTS[name], getattr(self, name))
