"""Tiers and rates as people type them: a line for a tier, ranks from the city down, a dash for a rank without."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from .choices import Rank
from .engine.facts import RuleTier
from .engine.wording import plain

#: Tiers of one rule.
MOST_TIERS = 12


def parse_tiers(text: str) -> tuple[RuleTier, ...]:
    """Read `0: 10/9/8/6/4/1` line by line. Raises ValueError with words for the person who typed it."""
    tiers = []
    lines = [
        line.strip() for line in text.replace("：", ":").replace("；", ";").replace(";", "\n").splitlines()
    ]
    for at, line in enumerate([line for line in lines if line], start=1):
        start, colon, rates = line.partition(":")
        cells = [cell.strip() for cell in rates.split("/")]
        if not colon or len(cells) != len(Rank):
            raise ValueError(
                _("第 %(line)s 行应写成“起点: 市/片区/区县/支局/网点/店员”，共 6 级") % {"line": at}
            )
        found = {
            int(rank): _number(cell.rstrip("%"), at)
            for rank, cell in zip(Rank, cells, strict=True)
            if cell not in ("-", "—", "")
        }
        tiers.append(RuleTier(_number(start, at), found))
    if not tiers:
        raise ValueError(_("请填写各档的起点和比例"))
    if len(tiers) > MOST_TIERS:
        raise ValueError(_("最多 %(most)s 档") % {"most": MOST_TIERS})
    return tuple(tiers)


def _number(text: str, line: int) -> Decimal:
    try:
        value = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > 10**10:
        raise ValueError(_("第 %(line)s 行的“%(text)s”不是数字") % {"line": line, "text": text.strip()[:20]})
    return value


def tiers_text(tiers: tuple[RuleTier, ...]) -> str:
    """Tiers as `parse_tiers` reads them."""
    return "\n".join(
        f"{plain(tier.start)}: "
        + "/".join("-" if tier.rates.get(rank) is None else plain(tier.rates[rank]) for rank in Rank)
        for tier in tiers
    )
