"""Identities as people type them, unified, indexed and masked."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.documents import resident_number
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.masking import mask_id_number, mask_phone

from .errors import MemberError
from .errors import MemberErrorCode as Code
from .kinds import IdentityKind as Kind

_MOBILE = re.compile(r"1[3-9]\d{9}")
_WECHAT = re.compile(r"[A-Za-z0-9_\-]{6,128}")
_CARD = re.compile(r"[A-Z0-9]{6,32}")
_USERNAME = re.compile(r"[a-z][a-z0-9_]{3,19}")
_NAMESPACE = re.compile(r"[A-Za-z0-9_\-]{0,64}")


@dataclass(frozen=True, slots=True)
class Value:
    """An identity's value in its stored form. `index` finds it, and says nothing of it."""

    kind: Kind
    namespace: str
    text: str

    @property
    def index(self) -> str:
        """The blind index, over kind, namespace and value; letter case counts where the kind says so."""
        # The blind index does not look at letter case; in hexadecimal there is none to lose.
        exact = self.text.encode().hex() if self.kind in (Kind.OPENID, Kind.UNIONID) else self.text
        return blind_index(f"{self.namespace}\0{exact}", f"members.identity.{self.kind}")


def unified(kind: str, text: str, namespace: str = "", field: str | None = None) -> Value:
    """The stored form of what somebody typed. Raises MemberError, with `field` as the input at fault."""
    known = Kind(kind)
    told = unicodedata.normalize("NFKC", text or "").strip()[:200]
    if not _NAMESPACE.fullmatch(namespace) or not _fits(known, namespace):
        raise _invalid(_("命名空间不正确"), field)
    match known:
        case Kind.MOBILE:
            found = clean_mobile(told, field or "mobile")
        case Kind.ID_NUMBER:
            found = clean_id_number(told, field or "idNumber")
        case Kind.USERNAME:
            found = clean_username(told, field or "username")
        case Kind.CARD:
            found = re.sub(r"[\s\-]", "", told).upper()
            if not _CARD.fullmatch(found):
                raise _invalid(_("会员卡号不正确"), field)
        case _:
            found = told
            if not _WECHAT.fullmatch(found):
                raise _invalid(_("微信身份不正确"), field)
    return Value(known, namespace, found)


def clean_mobile(text: str, field: str = "mobile") -> str:
    """A mobile number as eleven digits; blanks, dashes, full width and +86 are forgiven. Raises MOBILE_INVALID."""
    told = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text or ""))
    told = re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", told)
    if not _MOBILE.fullmatch(told) or not told.isascii():
        raise MemberError(Code.MOBILE_INVALID, _("手机号不正确"), field, _("请输入 11 位手机号"))
    return told


def same_mobile(text: str) -> str:
    """A mobile number in the one spelling of `clean_mobile`; what is none as it was told, without outer blanks."""
    try:
        return clean_mobile(text)
    except MemberError:
        return text.strip()


def clean_id_number(text: str, field: str = "idNumber") -> str:
    """A resident's identity number with its check character; one of fifteen digits is made eighteen.

    Raises ID_NUMBER_INVALID for a wrong length, date or check character.
    """
    found = resident_number(text)
    if found is None:
        raise _bad_id(field)
    return found


def clean_username(text: str, field: str = "username") -> str:
    """A user name in small letters: 4 to 20, begins with a letter. Raises USERNAME_INVALID."""
    told = unicodedata.normalize("NFKC", text or "").strip().lower()
    if not _USERNAME.fullmatch(told):
        raise MemberError(
            Code.USERNAME_INVALID, _("用户名不正确"), field, _("4～20 位字母、数字或下划线，以字母开头")
        )
    return told


def masked(kind: str, text: str) -> str:
    """A value as pages and the API show it."""
    if kind == Kind.MOBILE:
        return mask_phone(text)
    if kind == Kind.ID_NUMBER:
        return mask_id_number(text)
    if kind == Kind.USERNAME:
        return text
    return f"{text[:2]}***{text[-4:]}" if len(text) > 8 else "***"


def plausible(text: str) -> list[Value]:
    """What a typed login may mean, the likeliest first: a mobile, an identity number, a user name, a card."""
    found = []
    for kind in (Kind.MOBILE, Kind.ID_NUMBER, Kind.USERNAME, Kind.CARD):
        try:
            found.append(unified(kind, text))
        except MemberError:
            continue
    return found


def _fits(kind: Kind, namespace: str) -> bool:
    """An openid is one of an account (its appid); a unionid may be of one of several platforms; others are of none."""
    if kind == Kind.OPENID:
        return bool(namespace)
    return kind == Kind.UNIONID or not namespace


def _bad_id(field: str) -> MemberError:
    return MemberError(
        Code.ID_NUMBER_INVALID, _("证件号不正确"), field, _("请逐位核对身份证号码，末位可能是 X")
    )


def _invalid(message: Text, field: str | None) -> MemberError:
    return MemberError(Code.INVALID, message, field)
