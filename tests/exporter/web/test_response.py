from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from exporter.web.response import BLOCK, Response

LENGTHS = st.sampled_from([0, 1, 7, 1000, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 5])


@given(LENGTHS, st.lists(LENGTHS, max_size=6))
@example(1, [BLOCK - 1, 0, 1])
def test_blocks_are_the_body_and_its_parts_and_all_but_the_last_full(body: int, lengths: list[int]) -> None:
    parts = tuple(bytes([number]) * length for number, length in enumerate(lengths))
    response = Response(200, b"b" * body, parts=parts)
    whole = b"b" * body + b"".join(parts)

    blocks = list(response.blocks())

    assert b"".join(blocks) == whole
    assert [len(block) for block in blocks[:-1]] == [BLOCK] * (len(blocks) - 1)
    assert all(blocks)
    assert response.size == len(whole)
    assert (b"content-length", b"%d" % len(whole)) in response.all_headers()


def test_a_large_part_is_not_copied() -> None:
    large = bytes(3 * BLOCK)
    assert all(isinstance(block, memoryview) and block.obj is large for block in Response(200, large).blocks())
