"""/datacube: what WeChat reckons of followers, by day, from the talks that the sandbox keeps."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from typing import Any

from sandbox.official_account.gateway import Refused
from sandbox.official_account.keys import Account
from sandbox.official_account.system import OfficialAccounts

CHINA = timezone(timedelta(hours=8))
DAYS = 7


def summary(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST getusersummary {begin_date, end_date}: a row for each day and way on which somebody came or left."""
    new, gone = _moves(system, account)
    listed = []
    for day in _days(system, asked):
        if new[day] or gone[day]:
            listed.append(
                {"ref_date": f"{day}", "user_source": 0, "new_user": new[day], "cancel_user": gone[day]}
            )
    return {"list": listed}


def cumulate(system: OfficialAccounts, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """POST getusercumulate {begin_date, end_date}: how many there were at the end of each day."""
    new, gone = _moves(system, account)
    listed = []
    for day in _days(system, asked):
        before = sum(new[one] - gone[one] for one in {*new, *gone} if one <= day)
        listed.append({"ref_date": f"{day}", "user_source": 0, "cumulate_user": max(0, before)})
    return {"list": listed}


def _moves(system: OfficialAccounts, account: Account) -> tuple[Counter[date], Counter[date]]:
    rows = system.store.all(
        "SELECT body, at FROM oa_messages WHERE appid = ? AND side = 'note'", account.appid
    )
    new: Counter[date] = Counter()
    gone: Counter[date] = Counter()
    for row in rows:
        day = datetime.fromtimestamp(row["at"], tz=CHINA).date()
        if "您已关注该公众号" in row["body"]:
            new[day] += 1
        elif "您已取消关注" in row["body"]:
            gone[day] += 1
    return new, gone


def _days(system: OfficialAccounts, asked: dict[str, Any]) -> list[date]:
    body = asked["body"] if isinstance(asked["body"], dict) else {}
    try:
        first, last = (date.fromisoformat(str(body.get(name, ""))) for name in ("begin_date", "end_date"))
    except ValueError:
        raise Refused(61500) from None
    yesterday = datetime.fromtimestamp(system.clock.now(), tz=CHINA).date() - timedelta(days=1)
    if last < first or (last - first).days >= DAYS or last > yesterday:
        raise Refused(61501)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


#: Operation → method, path below /datacube, work.
CALLS = {
    "user_summary": ("POST", "/getusersummary", summary),
    "user_cumulate": ("POST", "/getusercumulate", cumulate),
}
