"""Models of the official account."""

from .accounts import Account, AccountState, AccountType, PushMode
from .consents import Consent
from .crawls import Crawl, CrawlState
from .days import AccountDay, ClickDay
from .fans import Fan, openid_index
from .materials import Material, MaterialState
from .menus import Menu, MenuKind, MenuState
from .pushes import Push, PushState
from .replies import Reply, ReplyForm, Trigger
from .scenes import SceneCode, SceneDay, SceneState
from .sendings import MessageKind, MessageTemplate, Occasion, Sending, SendingState
from .tags import FanTag, FanTagState, Tag
from .talks import Talk, TalkForm, TalkMessage, TalkState

__all__ = [
    "Account",
    "AccountDay",
    "AccountState",
    "AccountType",
    "ClickDay",
    "Consent",
    "Crawl",
    "CrawlState",
    "Fan",
    "FanTag",
    "FanTagState",
    "Material",
    "MaterialState",
    "Menu",
    "MenuKind",
    "MenuState",
    "MessageKind",
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
    "Tag",
    "Talk",
    "TalkForm",
    "TalkMessage",
    "TalkState",
    "Trigger",
    "openid_index",
]
