from __future__ import annotations

import gzip
import random
import shutil
import subprocess
import zlib

from hypothesis import given
from hypothesis import strategies as st

from exporter.exposition.compression import deflate, gzip_member

BYTES = st.binary(max_size=200) | st.builds(bytes.__mul__, st.binary(min_size=1, max_size=9), st.integers(0, 40_000))


@given(BYTES, BYTES)
def test_what_was_joined_is_one_member_that_unpacks_to_both(start: bytes, rest: bytes) -> None:
    packed = gzip_member(deflate([start[:3], start[3:]]), rest)

    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    assert reader.decompress(packed) == start + rest
    assert reader.eof
    assert reader.unused_data == b""
    assert gzip.decompress(packed) == start + rest


def test_one_beginning_takes_any_number_of_ends() -> None:
    start = deflate([b"the same beginning\n"] * 1000)

    for end in (b"", b"one", b"two" * 100_000):
        assert gzip.decompress(gzip_member(start, end)) == b"the same beginning\n" * 1000 + end


def test_an_end_that_repeats_the_beginning_does_not_refer_to_it() -> None:
    noise = random.Random(3).randbytes(20_000)

    packed = gzip_member(deflate([noise]), noise)

    assert gzip.decompress(packed) == noise * 2
    assert len(packed) > 40_000


def test_the_program_gzip_finds_nothing_wrong() -> None:
    program = shutil.which("gzip")
    assert program is not None
    packed = gzip_member(deflate([b"a 1\n" * 50_000]), b"# EOF\n")

    unpacked = subprocess.run([program, "--decompress", "--stdout"], input=packed, capture_output=True, check=False)

    assert (unpacked.returncode, unpacked.stdout, unpacked.stderr) == (0, b"a 1\n" * 50_000 + b"# EOF\n", b"")
    assert len(packed) < 4_000
