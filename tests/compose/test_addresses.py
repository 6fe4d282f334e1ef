from __future__ import annotations

import socket

from compose.addresses import IN_CONTAINERS, ON_LOOPBACK, free, taken


def test_on_loopback_everything_has_the_port_that_it_has_in_its_container() -> None:
    for name, address in IN_CONTAINERS.named().items():
        assert ON_LOOPBACK.named()[name] == f"127.0.0.1:{address.partition(':')[2]}"


def test_free_addresses_differ_and_can_be_had() -> None:
    found = free().named()
    assert len(set(found.values())) == len(found)
    assert {taken(address) for address in found.values()} == {None}


def test_an_address_that_somebody_has_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert taken(f"127.0.0.1:{server.getsockname()[1]}") == "Address already in use"
