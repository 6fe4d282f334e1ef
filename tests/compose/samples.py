"""What tests of the stack share."""

from __future__ import annotations

from pathlib import Path

from compose.addresses import IN_CONTAINERS, Addresses

ROOT = Path(__file__).parents[2]
# Nobody listens there; nothing is started with them.
ADDRESSES = Addresses(*(f"127.0.0.1:{port}" for port in range(41, 41 + len(IN_CONTAINERS.named()))))
