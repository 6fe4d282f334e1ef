"""``python -m bench.statistics.judge MODULE REPETITIONS``: a judge's verdicts on all scenarios, a JSON line each.

The module has ``verdict(reference, window) -> bool``: is this drift? Runs in the judge's own environment.
"""

from __future__ import annotations

import importlib
import json
import os
import sys

from bench.statistics.scenarios import SCENARIOS, pairs


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    # Whatever a library prints must not come between the answers.
    os.dup2(2, 1)
    module = importlib.import_module(sys.argv[1])
    for scenario in SCENARIOS:
        verdicts = [bool(module.verdict(*pair)) for pair in pairs(scenario, int(sys.argv[2]))]
        answers.write(json.dumps({"scenario": scenario.name, "share": sum(verdicts) / len(verdicts)}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
