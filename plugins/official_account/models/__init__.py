"""Models of the official account."""

from .accounts import Account, AccountState, AccountType, PushMode
from .fans import Fan, openid_index
from .menus import Menu, MenuKind, MenuState
from .pushes import Push, PushState
from .replies import Reply, ReplyForm, Trigger
from .scenes import SceneCode, SceneDay, SceneState
from .sendings import MessageTemplate, Occasion, Sending, SendingState

__all__ = [
    "Account",
    "AccountState",
    "AccountType",
    "Fan",
    "Menu",
    "MenuKind",
    "MenuState",
    "MessageTemplate",
    "Occasion",
    "Push",
    "PushMode",
    "PushState",
    "Reply",
    "ReplyForm",
    "SceneCode",
    "SceneDay",
    "SceneState",
    "Sending",
    "SendingState",
    "Trigger",
    "openid_index",
]
