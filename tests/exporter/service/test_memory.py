from __future__ import annotations

import platform
import subprocess
import sys

import pytest

# A list of many small texts, every hundredth of which stays: what is free lies between what is not.
SCATTERED = """
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

# A page that was sent twice, with something small behind it that stays.
PAGES = """
import sys
from exporter.service.memory import map_large_blocks
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1])
if sys.argv[1:]:
    map_large_blocks()
before, kept = resident(), []
for _ in range(2):
    page = bytes(range(256)) * (1 << 16)
    kept.append(bytes(2000))
    del page
print(before, resident())
"""

needs_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="no other C library can be told")


def pages(program: str, *arguments: str) -> list[int]:
    """Return the numbers that a program prints: what was resident at its steps."""
    command = [sys.executable, "-c", program, *arguments]
    return [int(text) for text in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()]


@needs_glibc
def test_free_memory_goes_back_to_the_system() -> None:
    full, before, after = pages(SCATTERED)
    assert after < 0.5 * full
    assert after < before or before < 0.5 * full


@needs_glibc
def test_large_blocks_go_back_as_soon_as_they_are_freed() -> None:
    before, after = pages(PAGES, "mapped")
    assert after - before < 1000
    before, after = pages(PAGES)
    # Or there would be nothing to mend.
    assert after - before > 4000
