"""Numbers on papers, plates and invoices: unified and checked; nothing here looks at rows.

Sources: GB 32100 (unified social credit codes), GA 36 (plates; new-energy ones have eight characters); numbers of
identity documents are the kernel's (`kernel.documents`).
"""

from __future__ import annotations

import re
from datetime import date

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import documents
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.documents import RESIDENT, birth_in, number_of, plain
from saleor_o2o.kernel.errors import Text

from .errors import MemberError
from .errors import MemberErrorCode as Code
from .kinds import PaperKind, PassengerKind
from .values import clean_id_number

#: Years of age that a kind may have, by day of travel at the earliest: what lies outside is a slip of the pen. Which
#: fare somebody gets is the carriers' rule.
AGES = {
    PassengerKind.ADULT: (12, 150),
    PassengerKind.CHILD: (0, 17),
    PassengerKind.INFANT: (0, 1),
    PassengerKind.STUDENT: (6, 60),
    PassengerKind.DISABLED: (18, 150),
}
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
# no I, no O; a small new-energy car has its letter in front, a large one behind
_PLATE = re.compile(rf"[{_PROVINCES}][A-HJ-Z][A-HJ-NP-Z0-9]{{4}}[A-HJ-NP-Z0-9挂学警港澳]")
_NEW_ENERGY = re.compile(rf"[{_PROVINCES}][A-HJ-Z]([A-HJK][A-HJ-NP-Z0-9]\d{{4}}|\d{{5}}[A-HJK])")
_SIX = re.compile(r"[A-HJ-NPR-Z0-9]{6}")
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def clean_paper(kind: str, text: str, field: str = "number") -> str:
    """A paper's number in one form. Raises MemberError ID_NUMBER_INVALID."""
    paper = PaperKind(kind)
    if paper in RESIDENT:
        return clean_id_number(text, field)
    told = number_of(paper, text)
    if told is None:
        raise MemberError(
            Code.ID_NUMBER_INVALID,
            _("%(paper)s号码不正确") % {"paper": paper.label},
            field,
            _("请按证件逐位核对"),
        )
    return told


def birth_on(kind: str, number: str, told: date | None) -> date:
    """The day of birth: the number's where it says one, with which a told one must agree. Raises MemberError."""
    by_number = birth_in(kind, number)
    if by_number is not None and told is not None and told != by_number:
        raise MemberError(
            Code.BIRTHDAY_INVALID,
            _("出生日期与身份证号不一致"),
            "birth",
            _("请核对证件号，或清空出生日期由系统填写"),
        )
    found = by_number or told
    if found is None:
        raise MemberError(Code.REQUIRED, _("请填写出生日期"), "birth")
    if found > today() or found.year < today().year - 150:
        raise MemberError(Code.BIRTHDAY_INVALID, _("出生日期不正确"), "birth")
    return found


def check_kind(kind: str, paper: str, birth: date) -> None:
    """Refuse a kind that the age or the paper rules out. Raises MemberError INVALID."""
    known, age = PassengerKind(kind), years_old(birth)
    least, most = AGES[known]
    if not least <= age <= most:
        raise MemberError(
            Code.INVALID,
            _("%(age)d 岁不能按“%(kind)s”登记") % {"age": age, "kind": known.label},
            "kind",
            _("请核对旅客类型和出生日期"),
        )
    if paper in (PaperKind.HOUSEHOLD, PaperKind.BIRTH) and age >= 16:
        raise MemberError(
            Code.INVALID,
            _("年满 16 岁须用居民身份证或其他有效证件"),
            "paper",
            _("户口簿、出生医学证明只适用于儿童"),
        )


def years_old(birth: date, on: date | None = None) -> int:
    """Full years on a day, today by default."""
    return documents.years_old(birth, on or today())


def clean_plate(text: str) -> tuple[str, bool]:
    """A plate in one form, and whether it is a new-energy car's. Raises MemberError INVALID."""
    told = plain(text).replace("·", "").replace("•", "").replace(".", "")
    if _NEW_ENERGY.fullmatch(told):
        return told, True
    if _PLATE.fullmatch(told):
        return told, False
    raise _invalid(_("车牌号不正确"), "plate", _("如：渝A12345，新能源：渝AD12345"))


def mask_plate(plate: str) -> str:
    """`渝A12345` → `渝A***45`."""
    return f"{plate[:2]}{'*' * (len(plate) - 4)}{plate[-2:]}" if len(plate) > 4 else "*" * len(plate)


def clean_six(text: str, field: str) -> str:
    """The last six characters of a chassis or engine number; of a longer one they are taken. Empty stays empty."""
    told = plain(text)
    if not told:
        return ""
    if not _SIX.fullmatch(told[-6:]):
        raise _invalid(_("请填写号码的后六位"), field, _("见行驶证，字母和数字"))
    return told[-6:]


def clean_tax_number(text: str) -> str:
    """A company's number: a unified social credit code with its check character, or an older one. Raises INVALID.

    Older ones (15 or 20 characters) carry no check that is published.
    """
    told = plain(text)
    if len(told) == 18 and set(told) <= set(_CREDIT):
        if credit_check(told[:17]) == told[17]:
            return told
    elif re.fullmatch(r"[A-Z0-9]{15}|[A-Z0-9]{20}", told):
        return told
    raise _invalid(_("税号不正确"), "taxNumber", _("请核对营业执照上的统一社会信用代码（18 位）"))


def credit_check(seventeen: str) -> str:
    """The check character of a unified social credit code (GB 32100)."""
    total = sum(_CREDIT.index(one) * weight for one, weight in zip(seventeen, _CREDIT_WEIGHTS, strict=True))
    return _CREDIT[(31 - total % 31) % 31]


def _invalid(message: Text, field: str, hint: Text) -> MemberError:
    return MemberError(Code.INVALID, message, field, hint)
