"""How many requests one address gets, where many hosts share it; hosts whose address is unknown count for all."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from linkhaul.decide.pace import Pace
from linkhaul.motion.addresses import Addresses
from linkhaul.motion.hosts import HostState
from linkhaul.store.frontier import HostRow

LIMIT = 3
HOSTS = 12


def host(number: int) -> HostState:
    return HostState(HostRow(number, f"https://h{number}.example", False, None, None, None, None, None), Pace(8, 0.0))


def begin(addresses: Addresses, one: HostState) -> bool:
    """Begin a request as the dispatcher does; return whether it might."""
    one.is_ready = False
    if not addresses.may_start(one):
        return False
    addresses.started(one)
    one.in_flight += 1
    return True


def end(addresses: Addresses, one: HostState, address: str) -> None:
    addresses.finished(one, address)
    one.in_flight -= 1


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, HOSTS - 1), st.booleans()), max_size=120), st.integers(1, 4))
def test_no_address_gets_more_than_the_limit(steps: list[tuple[int, bool]], of: int) -> None:
    """However requests begin and end, what is in flight at an address, counting the hosts nobody knows the address of, is within the limit."""
    hosts = [host(number) for number in range(HOSTS)]
    addresses = Addresses(LIMIT, lambda one: setattr(one, "is_ready", True))
    for number, begins in steps:
        one = hosts[number]
        if begins:
            begin(addresses, one)
        elif one.in_flight:
            end(addresses, one, f"10.0.0.{number % of}")
        in_flight: Counter[int] = Counter()
        for each in hosts:
            in_flight[each.row.id % of] += each.in_flight
        assert max(in_flight.values()) <= LIMIT
    while busy := [one for one in hosts if one.in_flight]:
        end(addresses, busy[0], f"10.0.0.{busy[0].row.id % of}")
    assert all(addresses.may_start(one) for one in hosts), "with nothing in flight there is a place for everybody"


def test_who_waits_gets_the_place_that_is_free() -> None:
    """Hosts that were turned away are looked at again in their order, one for each place."""
    woken: list[int] = []

    def touch(one: HostState) -> None:
        one.is_ready = True
        woken.append(one.row.id)

    hosts = [host(number) for number in range(6)]
    addresses = Addresses(2, touch)
    assert [begin(addresses, one) for one in hosts] == [True, True, False, False, False, False]
    end(addresses, hosts[0], "10.0.0.1")
    assert woken == [2]
    assert begin(addresses, hosts[2])
    end(addresses, hosts[1], "10.0.0.2")
    assert woken == [2, 3]


def test_a_host_with_nothing_to_ask_gives_its_turn_away() -> None:
    """A waiting host that does not become ready is passed over, so that the place is not lost."""
    hosts = [host(number) for number in range(5)]
    addresses = Addresses(1, lambda one: setattr(one, "is_ready", one is hosts[3]))
    assert begin(addresses, hosts[0])
    assert not any(begin(addresses, one) for one in hosts[1:])
    end(addresses, hosts[0], "10.0.0.1")
    assert [one.row.id for one in hosts if one.is_ready] == [3]
