"""Tiers and holidays as people type them: a line each, the end of the time first, then what is charged.

```
前8天: 免费
前24小时: 10% 最低2
到点: 20% 最低2
以后: 不办
```
Each line begins where the one before ended, so that nothing is left out and nothing is there twice. Of changes a line
may be for some days only: `前24小时 改到次日: 5%`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from .choices import Mode, Target, WindowOf
from .engine.rules import ZERO, Charge, Tier, Window
from .engine.wording import DAY, HOUR, MINUTE, plain

_UNITS = {"天": DAY, "小时": HOUR, "分钟": MINUTE, "秒": 1}
_SPAN = re.compile(r"(?:\d{1,6}(?:天|小时|分钟|秒))+")
_ONE = re.compile(r"(\d{1,6})(天|小时|分钟|秒)")
_CHARGE = re.compile(
    r"(?:(?P<word>免费|不办)|(?P<value>[\d.]+)(?P<unit>%|元))(?:最低(?P<least>[\d.]+)元?)?(?:最高(?P<most>[\d.]+)元?)?"
)
_TARGETS = {"改到当日": Target.UNTIL_DAY, "改到次日": Target.LATER}
_WINDOW = re.compile(
    r"(?P<name>\S{1,20}) (?P<first>\d{4}-\d\d-\d\d)~(?P<last>\d{4}-\d\d-\d\d) (?P<of>乘车|办理)(?P<changed> 改签过)?"
)


def parse_tiers(text: str) -> tuple[Tier, ...]:
    """Read tiers line by line. Raises ValueError with words for the person who typed it."""
    ends: dict[str, int | None] = {Target.UNTIL_DAY: None, Target.LATER: None}
    over: set[str] = set()
    tiers = []
    for at, (head, said) in enumerate(_lines(text), start=1):
        words = head.split()
        target = _TARGETS.get(words[-1], Target.ANY) if len(words) == 2 else Target.ANY
        if not words or len(words) > 2 or (len(words) == 2 and target == Target.ANY):
            raise _wrong(at, head)
        chains = [target] if target != Target.ANY else [Target.UNTIL_DAY, Target.LATER]
        if over & set(chains):
            raise ValueError(_("第 %(line)d 行：“以后”应是最后一行") % {"line": at})
        if len({ends[one] for one in chains}) > 1:
            raise ValueError(_("第 %(line)d 行：前面两种改签日期截止不同，请分别填写") % {"line": at})
        until = _offset(words[0], at)
        tiers.append(Tier(ends[chains[0]], until, parse_charge(said, at), target))
        for one in chains:
            ends[one] = until
            if until is None:
                over.add(one)
    return tuple(tiers)


def parse_charge(text: str, line: int = 1) -> Charge:
    """Read `10% 最低0.3 最高50`, `20元`, `免费`, `不办`. Raises ValueError."""
    found = _CHARGE.fullmatch(re.sub(r"\s|，|,", "", text))
    if found is None:
        raise ValueError(
            _("第 %(line)d 行的收费“%(text)s”看不懂，应如：10%% 最低2、5元、免费、不办")
            % {"line": line, "text": text.strip()[:20]}
        )
    least, most = (_number(found[name], line) if found[name] else None for name in ("least", "most"))
    if found["word"]:
        return Charge(Mode.FREE if found["word"] == "免费" else Mode.FORBIDDEN, ZERO, least, most)
    mode = Mode.PERCENT if found["unit"] == "%" else Mode.FIXED
    return Charge(mode, _number(found["value"], line), least, most)


def parse_windows(text: str) -> tuple[Window, ...]:
    """Read `春运 2027-01-25~2027-03-05 乘车 改签过: 20% 最低2` line by line. Raises ValueError."""
    windows = []
    for at, (head, said) in enumerate(_lines(text), start=1):
        found = _WINDOW.fullmatch(" ".join(head.split()))
        if found is None:
            raise ValueError(_("第 %(line)d 行应写成“名称 首日~末日 乘车或办理: 收费”") % {"line": at})
        try:
            first, last = date.fromisoformat(found["first"]), date.fromisoformat(found["last"])
        except ValueError:
            raise ValueError(_("第 %(line)d 行没有这个日期") % {"line": at}) from None
        of = WindowOf.TRAVEL if found["of"] == "乘车" else WindowOf.MOMENT
        windows.append(Window(found["name"], first, last, parse_charge(said, at), of, bool(found["changed"])))
    return tuple(windows)


def parse_span(text: str) -> int:
    """Read `2小时30分钟` as seconds; empty is 0. Raises ValueError."""
    told = re.sub(r"\s", "", text)
    if not told:
        return 0
    if not _SPAN.fullmatch(told):
        raise ValueError(_("时长应如：2小时、30分钟、8天"))
    return sum(int(number) * _UNITS[unit] for number, unit in _ONE.findall(told))


def tiers_text(tiers: Sequence[Tier]) -> str:
    """Tiers as `parse_tiers` reads them."""
    names = {value: name for name, value in _TARGETS.items()}
    return "\n".join(
        f"{_head(tier.until)}{' ' + names[Target(tier.target)] if tier.target != Target.ANY else ''}: "
        f"{charge_typed(tier.charge)}"
        for tier in tiers
    )


def windows_text(windows: Sequence[Window]) -> str:
    """Holidays as `parse_windows` reads them."""
    return "\n".join(
        f"{one.name} {one.first}~{one.last} {'乘车' if one.of == WindowOf.TRAVEL else '办理'}"
        f"{' 改签过' if one.changed_only else ''}: {charge_typed(one.charge)}"
        for one in windows
    )


def charge_typed(charge: Charge) -> str:
    """A charge as `parse_charge` reads it."""
    if charge.mode in (Mode.FREE, Mode.FORBIDDEN):
        return "免费" if charge.mode == Mode.FREE else "不办"
    text = f"{plain(charge.value)}{'%' if charge.mode == Mode.PERCENT else '元'}"
    text += f" 最低{plain(charge.least)}" if charge.least is not None else ""
    return text + (f" 最高{plain(charge.most)}" if charge.most is not None else "")


def span_typed(seconds: int) -> str:
    """Seconds as `parse_span` reads them; nothing for none."""
    told = []
    for unit, size in _UNITS.items():
        number, seconds = divmod(seconds, size)
        if number:
            told.append(f"{number}{unit}")
    return "".join(told)


def _head(until: int | None) -> str:
    if until is None:
        return "以后"
    return "到点" if until == 0 else f"{'前' if until < 0 else '后'}{span_typed(abs(until))}"


def _lines(text: str) -> list[tuple[str, str]]:
    found = []
    for at, line in enumerate([one.strip() for one in text.splitlines() if one.strip()], start=1):
        head, colon, said = line.replace("：", ":").rpartition(":")
        if not colon:
            raise _wrong(at, line)
        found.append((head.strip(), said))
    return found


def _offset(word: str, line: int) -> int | None:
    if word == "以后":
        return None
    if word == "到点":
        return 0
    if word[:1] in ("前", "后") and _SPAN.fullmatch(word[1:]):
        return parse_span(word[1:]) * (-1 if word[0] == "前" else 1)
    raise _wrong(line, word)


def _wrong(line: int, text: str) -> ValueError:
    return ValueError(
        _("第 %(line)d 行“%(text)s”看不懂，应如“前2小时: 10%% 最低0.3”“到点: 20%%”“以后: 不办”")
        % {"line": line, "text": text[:20]}
    )


def _number(text: str, line: int) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    exponent = value.as_tuple().exponent
    if not value.is_finite() or value > 10**6 or not isinstance(exponent, int) or exponent < -2:
        raise ValueError(
            _("第 %(line)d 行的“%(text)s”不是数字，最多两位小数") % {"line": line, "text": text[:20]}
        )
    return value
