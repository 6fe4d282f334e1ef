"""Pictures with 256 colours, a third of the size: they are kept beside the documentation."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

_COLOURS = 256
_ROUNDS = 4
# Similar colours are one before it is asked which are the most important: bits that are left out of eight.
_COARSE = 2

# The browser can read its own pictures; the answer is width, height and the pixels.
_PIXELS = """async (picture) => {
    const bitmap = await createImageBitmap(await (await fetch('data:image/png;base64,' + picture)).blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    canvas.drawImage(bitmap, 0, 0);
    const { data } = canvas.getImageData(0, 0, bitmap.width, bitmap.height);
    let text = '';
    for (let at = 0; at < data.length; at += 32768) {
        text += String.fromCharCode(...data.subarray(at, at + 32768));
    }
    return [bitmap.width, bitmap.height, btoa(text)];
}"""

Pixels = npt.NDArray[np.uint8]


def smaller(page: Any, picture: bytes) -> bytes:
    """Return a PNG with a palette in place of one without; ``page`` is any page of a browser."""
    width, height, pixels = page.evaluate(_PIXELS, base64.b64encode(picture).decode())
    rgb = np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(height, width, 4)[:, :, :3]
    palette, indices = quantised(rgb)
    rows = np.concatenate([np.zeros((height, 1), np.uint8), indices], axis=1)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*each) for each in chunks)


def quantised(rgb: Pixels) -> tuple[Pixels, Pixels]:
    """Return a palette (colours, 3), and of each pixel of a picture (height, width, 3) its place there.

    k-means over the colours, weighted by the root of how often they occur, so that thin lines keep theirs.
    """
    codes = (rgb >> _COARSE).astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
    _, first, inverse, counts = np.unique(codes, return_index=True, return_inverse=True, return_counts=True)
    colours = rgb.reshape(-1, 3)[first].astype(np.float64)
    weights = np.sqrt(counts)
    centres = colours[np.argsort(-counts, kind="stable")[:_COLOURS]]
    for _ in range(_ROUNDS):
        nearest = _nearest(colours, centres)
        total = np.bincount(nearest, weights, len(centres))
        sums = np.stack([np.bincount(nearest, weights * colours[:, i], len(centres)) for i in range(3)], axis=1)
        centres = np.where(total[:, None] > 0, sums / np.maximum(total, 1e-9)[:, None], centres)
    palette = np.round(centres).astype(np.uint8)
    places = _nearest(colours, palette.astype(np.float64)).astype(np.uint8)
    return palette, places[inverse].reshape(rgb.shape[:2])


def _nearest(colours: npt.NDArray[np.float64], centres: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    distances = (centres**2).sum(axis=1)[None, :] - 2 * colours @ centres.T
    return np.asarray(distances.argmin(axis=1))


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
