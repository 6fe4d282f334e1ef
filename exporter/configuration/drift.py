"""What is compared with the reference, and how."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from exporter.configuration.drift_floors import DriftFloors
from exporter.configuration.refusal import refusal
from exporter.configuration.sections import Section
from exporter.configuration.values import Count, Distinct, Duration, List, at_least, written

NumericMethod = Literal["ks", "psi", "js", "wasserstein", "wasserstein_normed", "tail"]
CategoricalMethod = Literal["psi", "js", "chi2", "linf"]
ConceptMethod = Literal["chi2", "shift"]
Residual = Literal["bias", "error"]


class Psi(Section):
    """How the bins of the population stability index are cut."""

    bins: Annotated[int, Field(ge=2, le=1000)] = written(10)
    """Number of bins of a numeric feature."""
    binning: Literal["quantile", "width"] = written("quantile")
    """Bins of equal reference counts, or of equal width."""
    floor: Annotated[float, Field(gt=0)] = written(0.0001)
    """Shares below this are raised to it; less than 1 / bins."""

    @field_validator("floor")
    @classmethod
    def _below_an_even_share(cls, floor: float, info: ValidationInfo) -> float:
        bins = info.data.get("bins", 2)
        if floor >= 1 / bins:
            raise refusal(f"must be less than 1 / bins ({1 / bins:g}), not {floor:g}")
        return floor


class Sequential(Section):
    """How residuals are watched from one slice of time to the next, for changes that build up over many of them."""

    methods: Annotated[tuple[Residual, ...], List, Distinct] = written(["bias", "error"])
    """`bias`: what came true less what was predicted, either way; `error`: more wrong classes, or larger errors. An empty
    list turns it off."""
    slice: Annotated[Duration, at_least("1m")] = written("24h")
    """Length of a slice. A day levels out the day's own rhythm; a model with much traffic may want an hour."""


class Drift(Section):
    """Which distances are computed, from how many rows on, and how large they have to be."""

    numeric: Annotated[tuple[NumericMethod, ...], List, Distinct] = written(["ks", "psi", "wasserstein_normed", "tail"])
    """Methods for numeric features; an empty list turns them off."""
    categorical: Annotated[tuple[CategoricalMethod, ...], List, Distinct] = written(["psi", "chi2"])
    """Methods for categorical features; an empty list turns them off."""
    concept: Annotated[tuple[ConceptMethod, ...], List, Distinct] = written(["chi2", "shift"])
    """Methods for what comes true given what the model said; an empty list turns them off."""
    sequential: Sequential = written({})
    min_rows: Count = written(30)
    """With fewer values in the window there is no score."""
    psi: Psi = written({})
    floors: DriftFloors = written({})
