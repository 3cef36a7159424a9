"""What a segment may ask of members: each condition with its form in the row, its SQL and its words.

Everything is asked of the member's own row, of rows that exist once per member, or by EXISTS: no condition multiplies
members, and all together are one statement.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from plugins.loyalty.interfaces import LEVELS, Level
from plugins.members.interfaces import Source, Tag, tagged_with
from plugins.official_account.interfaces import following
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import now, today

from .errors import OperationsError, OperationsErrorCode
from .kinds import Frequency, Match, Recency, Worth

#: Days that a condition may look back or ahead.
MOST_DAYS = 3650
MOST_AHEAD = 60
_AT, _YEAR, _SPENT = "o2o_figures__last_at", "o2o_figures__orders_year", "o2o_figures__spent_year"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing to ask. `clean` gives what is kept (None: not asked) or raises ValueError; `words` tell it."""

    label: Any
    clean: Callable[[Any], Any]
    ask: Callable[[Any], Q]
    words: Callable[[Any], str]


def _one_of(choices: Any) -> Callable[[Any], list[str] | None]:
    known = list(choices.values)

    def clean(given: Any) -> list[str] | None:
        told = [given] if isinstance(given, str) else list(given or ())
        if not set(told) <= set(known):
            raise ValueError("unknown choice")
        return [one for one in known if one in told] or None

    return clean


def _labels(choices: Any) -> Callable[[Iterable[str]], str]:
    return lambda value: "、".join(str(choices(one).label) for one in value)


def _days(most: int) -> Callable[[Any], int | None]:
    def clean(given: Any) -> int | None:
        if given in (None, ""):
            return None
        if not 1 <= int(given) <= most:
            raise ValueError("out of range")
        return int(given)

    return clean


def _keys(given: Any) -> list[int] | None:
    """Keys of rows, or rows."""
    return sorted({int(getattr(one, "pk", one)) for one in given or ()}) or None


def _names(given: Any) -> list[str] | None:
    told = re.split(r"[\s,，、;；]+", given) if isinstance(given, str) else list(given or ())
    found = [one[:80] for one in dict.fromkeys(told) if one]
    if len(found) > 50:
        raise ValueError("too many")
    return found or None


def _yes(given: Any) -> bool | None:
    return True if given in (True, "yes", "on") else False if given in (False, "no") and given != "" else None


def _said_yes(given: Any) -> bool | None:
    return True if given in (True, "yes", "on") else None


def _recency(bands: Iterable[str]) -> Q:
    moment = now()

    def ago(days: int) -> Any:
        return moment - timedelta(days=days)

    told = {
        Recency.WITHIN_30: Q(**{f"{_AT}__gt": ago(30)}),
        Recency.WITHIN_90: Q(**{f"{_AT}__lte": ago(30), f"{_AT}__gt": ago(90)}),
        Recency.WITHIN_180: Q(**{f"{_AT}__lte": ago(90), f"{_AT}__gt": ago(180)}),
        Recency.WITHIN_365: Q(**{f"{_AT}__lte": ago(180), f"{_AT}__gt": ago(365)}),
        Recency.OLDER: Q(**{f"{_AT}__lte": ago(365)}),
        Recency.NEVER: Q(**{f"{_AT}__isnull": True}),
    }
    return reduce(or_, [told[Recency(band)] for band in bands])


_BETWEEN: Mapping[str, tuple[int, int | None]] = {
    Frequency.ONCE: (1, 2), Frequency.SOME: (2, 4), Frequency.OFTEN: (4, 7), Frequency.REGULAR: (7, None),
    Worth.SMALL: (0, 100), Worth.MEDIUM: (100, 500), Worth.LARGE: (500, 2000), Worth.TOP: (2000, None),
}  # fmt: skip


def _between(lookup: str) -> Callable[[Iterable[str]], Q]:
    """Bands of a figure; who has no row of figures, or bought nothing within the year, is in none."""

    def ask(bands: Iterable[str]) -> Q:
        found = Q(pk__in=[])
        for band in bands:
            least, below = _BETWEEN[band]
            one = Q(**{f"{lookup}__gte": least})
            found |= one & Q(**{f"{lookup}__lt": below}) if below is not None else one
        return found & Q(**{f"{_YEAR}__gt": 0})

    return ask


def _lapsed(days: int) -> Q:
    return Q(**{f"{_AT}__lt": now() - timedelta(days=days)})


def _born_within(days: int) -> Q:
    first = today()
    return _born([first + timedelta(days=one) for one in range(days)])


def _born_this_month(_told: bool) -> Q:
    return Q(profile__birthday__month=today().month)


def _born(span: list[date]) -> Q:
    """Birthdays on these days; who was born on 29 February has it on the 28th in a common year."""
    months: dict[int, set[int]] = {}
    for day in span:
        months.setdefault(day.month, set()).add(day.day)
        if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
            months[2].add(29)
    told = [
        Q(profile__birthday__month=month, profile__birthday__day__in=sorted(days))
        for month, days in months.items()
    ]
    return reduce(or_, told)


def _living_in(names: Iterable[str]) -> Q:
    return Q(profile__community__name__in=list(names)) | Q(profile__community_name__in=list(names))


def _cared_for(keys: Iterable[int]) -> Q:
    paths = OrgUnit.objects.filter(pk__in=list(keys)).values_list("path", flat=True)
    return reduce(or_, [Q(home_unit__path__startswith=path) for path in paths], Q(pk__in=[]))


def _at_level(codes: Iterable[str]) -> Q:
    """The lowest level is also that of whoever never rose."""
    told = list(codes)
    found = Q(**{f"{LEVELS}__level__code__in": told})
    lowest = Level.objects.order_by("rank").values_list("code", flat=True).first()
    return found | Q(**{f"{LEVELS}__isnull": True}) if lowest in told else found


def _follows(told: bool) -> Q:
    fan = Q(Exists(following(OuterRef("user_id"))))
    return fan if told else ~fan


def _names_of(model: Any) -> Callable[[Any], str]:
    return lambda keys: "、".join(model.objects.filter(pk__in=keys).values_list("name", flat=True)) or "—"


def _level_names(codes: Any) -> str:
    return "、".join(Level.objects.filter(code__in=codes).values_list("name", flat=True)) or "—"


CONDITIONS: Mapping[str, Condition] = {
    "recency": Condition(_("最近购买（R）"), _one_of(Recency), _recency, _labels(Recency)),
    "frequency": Condition(
        _("12 个月购买次数（F）"), _one_of(Frequency), _between(_YEAR), _labels(Frequency)
    ),
    "worth": Condition(_("12 个月消费金额（M）"), _one_of(Worth), _between(_SPENT), _labels(Worth)),
    "lapsed": Condition(
        _("多少天没有购买"), _days(MOST_DAYS), _lapsed, lambda value: str(_("%(days)d 天以上") % {"days": value})
    ),
    "birthday": Condition(
        _("多少天内过生日"), _days(MOST_AHEAD), _born_within,
        lambda value: str(_("%(days)d 天内，含今天") % {"days": value}),
    ),
    "birthday_month": Condition(_("本月生日"), _said_yes, _born_this_month, lambda _value: str(_("是"))),
    "communities": Condition(_("小区"), _names, _living_in, "、".join),
    "units": Condition(_("归属机构（含下级）"), _keys, _cared_for, _names_of(OrgUnit)),
    "tags": Condition(_("标签"), _keys, lambda keys: Q(Exists(tagged_with(keys, OuterRef("pk")))), _names_of(Tag)),
    "levels": Condition(_("会员等级"), _names, _at_level, _level_names),
    "sources": Condition(
        _("注册来源"), _one_of(Source), lambda value: Q(source__in=value), _labels(Source)
    ),
    "registered": Condition(
        _("多少天内注册"), _days(MOST_DAYS), lambda days: Q(registered_at__gte=now() - timedelta(days=days)),
        lambda value: str(_("%(days)d 天内") % {"days": value}),
    ),
    "follows": Condition(_("关注公众号"), _yes, _follows, lambda value: str(_("是") if value else _("否"))),
    "opted_in": Condition(
        _("同意接收营销信息"), _said_yes, lambda _value: Q(profile__marketing=True), lambda _value: str(_("是"))
    ),
}  # fmt: skip


def cleaned(told: Mapping[str, Any]) -> dict[str, Any]:
    """Conditions as they are kept: only what is asked, only what is known. Raises OperationsError INVALID, REQUIRED."""
    found: dict[str, Any] = {}
    for name, condition in CONDITIONS.items():
        try:
            value = condition.clean(told.get(name))
        except (ValueError, TypeError):
            raise OperationsError(
                OperationsErrorCode.INVALID, _("“%(name)s”不对") % {"name": condition.label}, name
            ) from None
        if value is not None:
            found[name] = value
    if not found:
        raise OperationsError(
            OperationsErrorCode.REQUIRED, _("请至少填写一个条件"), None, _("没有条件就是全部会员")
        )
    return found


def asked(conditions: Mapping[str, Any], match: str) -> Q:
    """The condition on members. Nobody for conditions of which none is known."""
    told = [CONDITIONS[name].ask(value) for name, value in conditions.items() if name in CONDITIONS]
    if not told:
        return Q(pk__in=[])
    return reduce(or_ if match == Match.ANY else and_, told)


#: Conditions on rows that have names.
_NAMED = ("units", "tags", "levels")


def in_words(conditions: Mapping[str, Any], match: str, *, named: bool = True) -> str:
    """The conditions as people read them; a statement for each that names rows, none without `named` (for lists)."""
    told = [
        f"{CONDITIONS[name].label}：{_told(name, value, named)}"
        for name, value in conditions.items()
        if name in CONDITIONS
    ]
    return (" 或 " if match == Match.ANY else "；").join(told)


def _told(name: str, value: Any, named: bool) -> str:
    if named or name not in _NAMED:
        return CONDITIONS[name].words(value)
    return str(_("%(count)d 个") % {"count": len(value)})
