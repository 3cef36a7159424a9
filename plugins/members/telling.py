"""Telling a member of something of his own: by whatever way reaches him first, by a text message otherwise.

Who is above (an official account) registers its way; nobody below needs to know which there are. A way writes in the
caller's transaction and sends after the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .kinds import MemberStatus, Told
from .models import Member
from .selectors import primary_mobile
from .services.sms import compose, dispatch
from .texts import TEMPLATES

#: `way(user_id, occasion, key, words)`: whether he is told by it, now or under the same key before. Twice is harmless.
Way = Callable[[Any, str, str, Mapping[str, str]], bool]
_ways: dict[str, Way] = {}


def register_way(name: str, way: Way) -> None:
    """Add a way that is tried before text messages. Raises ValueError for a name that is taken."""
    if name in _ways:
        raise ValueError(f"members are already told by {name!r}")
    _ways[name] = way


def tell(member: Member, occasion: str, key: str, words: Mapping[str, str]) -> Told:
    """Tell a member once per key; the text template has the occasion's name, `words` are its parameters.

    In the caller's transaction, who keeps what was told. Returns how; NOWHERE for one whom nothing reaches. Raises
    KeyError for an occasion without a text.
    """
    for way in _ways.values():
        if way(member.user_id, occasion, key, words):
            return Told.WECHAT
    mobile = primary_mobile(member)
    if not mobile:
        return Told.NOWHERE
    dispatch(compose(mobile, occasion, words))
    return Told.TEXT


def text_instead(user_id: Any, occasion: str, words: Mapping[str, str]) -> bool:
    """A way turned out not to reach somebody it had promised to tell: send the text message of the occasion, if any.

    In the caller's transaction, which also writes that the way failed, so that it is done once. False where there is
    no text for the occasion, no member or no number.
    """
    if occasion not in TEMPLATES:
        return False
    member = Member.objects.filter(user_id=user_id, status=MemberStatus.ACTIVE).first()
    mobile = primary_mobile(member) if member is not None else ""
    if not mobile:
        return False
    dispatch(compose(mobile, occasion, words))
    return True
