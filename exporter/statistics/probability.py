"""Terms of the log loss and of the Brier score, one per row; their mean is the figure.

Probabilities are taken as they are logged. Rows of a multiclass model that do not sum exactly to one
are not made to: scikit-learn (since 1.5) warns about them and uses them as they stand, and so the
two agree.
"""

from __future__ import annotations

import numpy as np

from exporter.statistics.arrays import Counts, Flags, Floats

# The clipping of scikit-learn's log_loss on float64: a certain and wrong prediction costs about 36.
CLIP = float(np.finfo(np.float64).eps)


def log_loss_terms(probability_of_true_class: Floats) -> Floats:
    """Return -ln(p) for the probability (n,) that each row's true class was given, p in [CLIP, 1 - CLIP].

    For a binary model that logs the positive class's p, a negative row is given 1 - p.

    I. J. Good, "Rational decisions", Journal of the Royal Statistical Society B 14 (1952).

    >>> log_loss_terms(np.array([0.5, 0.0])).round(6).tolist()
    [0.693147, 36.043653]
    """
    return -np.log(np.clip(probability_of_true_class, CLIP, 1 - CLIP))


def brier_terms_binary(probability: Floats, is_positive: Flags) -> Floats:
    """Return the squared error of the positive class's probability, (n,), each from 0 to 1.

    G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather
    Review 78 (1950); his own sum over both classes is twice this.

    >>> brier_terms_binary(np.array([0.5, 1.0]), np.array([True, False])).tolist()
    [0.25, 1.0]
    """
    return np.square(probability - is_positive)


def brier_terms_multiclass(probabilities: Floats, true_class: Counts) -> Floats:
    """Return the sum over classes of squared errors, (n,), each from 0 to 2.

    ``probabilities`` is (n, c), ``true_class`` (n,) the column of each row's class.

    >>> brier_terms_multiclass(np.array([[0.5, 0.5, 0.0]]), np.array([0])).tolist()
    [0.5]
    """
    errors = probabilities.copy()
    errors[np.arange(len(errors)), true_class] -= 1
    squares: Floats = np.square(errors).sum(axis=1)
    return squares


def probability_of(probabilities: Floats, true_class: Counts) -> Floats:
    """Return from (n, c) what each row gave to its class ``true_class`` (n,): what ``log_loss_terms`` takes."""
    return probabilities[np.arange(len(probabilities)), true_class]
