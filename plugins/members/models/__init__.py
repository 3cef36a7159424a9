"""Members, by what they are known, where they are logged in, and what is sent to their telephones."""

from .codes import VerificationCode
from .identities import MemberIdentity
from .imports import MemberImport
from .members import Member
from .qr import QrLogin
from .sessions import MemberSession
from .sms import SmsLimit, SmsMessage
from .visits import MemberVisit

__all__ = [
    "Member",
    "MemberIdentity",
    "MemberImport",
    "MemberSession",
    "MemberVisit",
    "QrLogin",
    "SmsLimit",
    "SmsMessage",
    "VerificationCode",
]
