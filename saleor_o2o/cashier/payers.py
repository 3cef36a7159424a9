"""Who pays inside WeChat, where the page does not say: plugins that know people by their openid tell it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .ports import Method

#: Answers the payer's id at the provider for a user, "" where it is not known.
Finder = Callable[[Any], str]
#: Answers the payer's id that something stands for which was given to a page, "" where it stands for none.
Opener = Callable[[str], str]
_openers: dict[Method, Opener] = {}
_finders: dict[Method, Finder] = {}


def register_payer_finder(method: Method, find: Finder) -> None:
    """Let a plugin say who a user is at the provider of a method; the last one registered is asked."""
    _finders[method] = find


def register_payer_opener(method: Method, opened: Opener) -> None:
    """Let a plugin say what the passes stand for that it gave to pages of people without an account."""
    _openers[method] = opened


def payer_of_pass(told: str, method: Method) -> str:
    """The payer's id that a page's pass stands for; "" for none, and for one that is over."""
    opened = _openers.get(method)
    return opened(told) if opened is not None and told else ""


def payer_of(user: Any, method: Method) -> str:
    """The payer's id of whoever asks; "" for nobody, and where nobody knows it."""
    find = _finders.get(method)
    if find is None or not getattr(user, "is_authenticated", False):
        return ""
    return find(user)
