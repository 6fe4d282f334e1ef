from __future__ import annotations

import subprocess
import sys

import pytest

# A list of many small texts, every hundredth of which stays: what is free lies between what is not.
PROGRAM = """
import sys
from exporter.service.memory import give_back
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1])
texts = [bytes(2000) for _ in range(50_000)]
full = resident()
texts[:] = texts[::100]
before = resident()
give_back()
print(full, before, resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_free_memory_goes_back_to_the_system() -> None:
    found = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    full, before, after = map(int, found.stdout.split())
    assert after < 0.5 * full
    assert after < before or before < 0.5 * full
