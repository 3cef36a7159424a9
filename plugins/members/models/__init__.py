"""Members, by what they are known, where they are logged in, and what is sent to their telephones."""

from .addresses import AddressPlace
from .closings import MemberClosing
from .codes import VerificationCode
from .identities import MemberIdentity
from .imports import MemberImport
from .members import Member
from .merges import MemberMerge
from .profiles import MemberProfile
from .qr import QrLogin
from .realnames import RealNameCheck
from .records import Favourite, Footprint, InvoiceTitle, Passenger, PayerNumber, Vehicle, VehicleReminder
from .restrictions import Restriction
from .sessions import MemberSession
from .sms import SmsLimit, SmsMessage
from .tags import MemberTag, Tag
from .visits import MemberVisit

__all__ = [
    "AddressPlace",
    "Favourite",
    "Footprint",
    "InvoiceTitle",
    "Member",
    "MemberClosing",
    "MemberIdentity",
    "MemberImport",
    "MemberMerge",
    "MemberProfile",
    "MemberSession",
    "MemberTag",
    "MemberVisit",
    "Passenger",
    "PayerNumber",
    "QrLogin",
    "RealNameCheck",
    "Restriction",
    "SmsLimit",
    "SmsMessage",
    "Tag",
    "Vehicle",
    "VehicleReminder",
    "VerificationCode",
]
