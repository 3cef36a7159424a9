"""Models of the official account."""

from .accounts import Account, AccountState, AccountType, PushMode
from .fans import Fan, openid_index
from .menus import Menu, MenuKind, MenuState
from .pushes import Push, PushState
from .replies import Reply, ReplyForm, Trigger
from .scenes import SceneCode, SceneDay, SceneState

__all__ = [
    "Account",
    "AccountState",
    "AccountType",
    "Fan",
    "Menu",
    "MenuKind",
    "MenuState",
    "Push",
    "PushMode",
    "PushState",
    "Reply",
    "ReplyForm",
    "SceneCode",
    "SceneDay",
    "SceneState",
    "Trigger",
    "openid_index",
]
