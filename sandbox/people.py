"""The people whose phones the sandbox plays."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """A pretended WeChat user: the openid is the one this person has at our official account."""

    openid: str
    name: str
    mobile: str
    colour: str


PEOPLE = (
    Person("oSandboxPersonChenYujiang001", "陈渝江", "13800000001", "#4c8bf5"),
    Person("oSandboxPersonLiChunlan00002", "李春兰", "13800000002", "#e0759b"),
    Person("oSandboxPersonWangDayong0003", "王大勇", "13800000003", "#e0903a"),
)
_BY_OPENID = {person.openid: person for person in PEOPLE}


def person(openid: str) -> Person:
    """The person with this openid; the first one when it is nobody's."""
    return _BY_OPENID.get(openid, PEOPLE[0])


def is_known(openid: str) -> bool:
    """Whether the openid belongs to one of the sandbox's people."""
    return openid in _BY_OPENID
