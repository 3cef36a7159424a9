"""A promise that is cut short is an error at once, and the next one is kept."""

import pytest
from promise import Promise


class Interrupt(BaseException):
    """As the one by which a test's time limit, or a shutdown, stops what is going on."""


def test_an_interrupt_gets_through_and_the_next_promise_is_kept() -> None:
    # given: others wait in the same queue
    def cut(_value: object) -> None:
        Promise.resolve(1).then(lambda value: value)
        raise Interrupt

    # when
    with pytest.raises(Interrupt):
        Promise.resolve(1).then(cut).get()

    # then
    assert Promise.resolve(2).then(lambda value: value + 1).get() == 3
    assert Promise.all([Promise.resolve(one).then(lambda value: value * 2) for one in (1, 2)]).get() == [2, 4]


@pytest.mark.timeout(20)
def test_nobody_waits_for_what_nobody_brings() -> None:
    with pytest.raises(RuntimeError, match="promise was lost"):
        Promise(lambda resolve, reject: None).get()


def test_errors_of_callbacks_still_reach_who_waits() -> None:
    with pytest.raises(ZeroDivisionError):
        Promise.resolve(1).then(lambda value: value / 0).get()
