"""Members, by what they are known, where they are logged in, and what is sent to their telephones."""

from .codes import VerificationCode
from .identities import MemberIdentity
from .imports import MemberImport
from .members import Member
from .merges import MemberMerge
from .qr import QrLogin
from .sessions import MemberSession
from .sms import SmsLimit, SmsMessage
from .visits import MemberVisit

__all__ = [
    "Member",
    "MemberIdentity",
    "MemberImport",
    "MemberMerge",
    "MemberSession",
    "MemberVisit",
    "QrLogin",
    "SmsLimit",
    "SmsMessage",
    "VerificationCode",
]
