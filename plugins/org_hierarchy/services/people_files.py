"""A file of people: kept encrypted, looked at as often as wanted, then written whole or not at all.

A look is a rehearsal: everybody is hired, changed and appointed by the services that the pages use, in a transaction
that is undone. So the preview says what the confirmation would, and no mail leaves before.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.account.models import User

from saleor_o2o.backoffice.imports import (
    Line,
    close_file,
    drop_file,
    own_file,
    require_right,
    take_file,
)
from saleor_o2o.backoffice.sheets import Row
from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import LockTimeout, lock_rows
from saleor_o2o.kernel.scope import NotAllowed, policy_for, rows_for

from ..exchange.people import TITLE_OF, day_written, further_written, held, read_people
from ..exchange.reader import refused
from ..masking import id_number_for, phone_for
from ..models import GrantState, OrgUnit, Post, Role, Staff, StaffImport, StaffStatus
from .posts import assign
from .rights import may_at
from .staffing import change_file, clean_id_number, clean_mobile, hire
from .width import span_of, too_wide

IMPORTED = action("org_hierarchy.staff.imported", _("导入人员"))


@dataclass(slots=True)
class PersonLine(Line):
    """A row of a file of people; `posts` says which posts it names, in words."""

    unit: str = ""
    posts: str = ""


@dataclass(slots=True)
class _World:
    """What the rows of a file speak of, read once."""

    people: dict[str, Staff]
    units: dict[str, OrgUnit]
    posts: dict[str, list[Post]]
    twice: Counter[str]
    #: Login addresses of the file that customers have by now.
    shoppers: set[str]
    reason: str
    #: What a post's role has beyond the maker's own rights at a unit, by (role, unit).
    wide: dict[tuple[int, int], list[str]] = field(default_factory=dict)


def keep_people(file: IO[bytes], filename: str, size: int, *, by: Any) -> StaffImport:
    """Keep the rows of a file until they are confirmed. Writes nobody. Raises OrgError(FILE_INVALID), NotAllowed."""
    _require(by)
    rows: Any = read_people(file, size)  # encrypted JSON: text in the database, a list here
    return StaffImport.objects.create(maker=by, filename=filename[-200:], rows=rows)


def own_people_file(pk: int, *, by: Any) -> StaffImport:
    """One's own uploaded file. Raises OutOfScope for anybody else's, NotAllowed without the right."""
    _require(by)
    return own_file(StaffImport.objects.all(), pk, by)


def rehearse_people(upload: StaffImport, *, by: Any) -> list[PersonLine]:
    """What each row would do, and what is wrong with it. Nothing stays. Locks as `confirm_people`, for a moment."""
    with transaction.atomic():
        lines = _try(upload, by)
        transaction.set_rollback(True)
    return lines


def confirm_people(upload: StaffImport, *, by: Any) -> StaffImport:
    """Hire, change and appoint everybody of a file in one transaction; nobody when a row has an error by now.

    The activation mails leave after the commit. Locks: the upload, the people of the file and the maker by key, the
    roles by key. Raises OrgError(FILE_INVALID), NotAllowed, OutOfScope, LockTimeout.
    """
    with transaction.atomic():
        _require(by)
        row = take_file(upload, by, refused)
        lines = _try(row, by)
        require_right(lines, refused)
        close_file(row, lines)
        counts = {"created": row.created_count, "changed": row.changed_count}
        record(IMPORTED, row, after={"filename": row.filename, **counts})
    return row


def drop_people(upload: StaffImport, *, by: Any) -> None:
    """Throw a waiting file away."""
    drop_file(upload, by)


def posts_on_offer(by: Any) -> list[Post]:
    """The posts that a file of this person may name."""
    found = rows_for(by, Post.objects.filter(is_active=True), "staff.view").select_related("role", "owner")
    return list(found.order_by("level", "code"))


def posts_to_fill(by: Any) -> list[Post]:
    """The posts of the levels at which this person may hire: what a template offers."""
    levels = rows_for(by, OrgUnit.objects.all(), "staff.create").order_by().values_list("level", flat=True)
    there = set(levels.distinct())
    return [post for post in posts_on_offer(by) if post.level in there]


def _require(by: Any) -> None:
    if not policy_for(Staff).may(by, "staff.import", Staff):
        raise NotAllowed


def _try(upload: StaffImport, by: Any) -> list[PersonLine]:
    """Write each row that can be written and say what it did, or why not; the caller keeps it all or undoes it."""
    rows: list[Row] = upload.rows
    numbers = [row["cells"].get("employee_no", "").upper() for row in rows]
    posts: dict[str, list[Post]] = {}
    for post in posts_on_offer(by):
        posts.setdefault(post.name, []).append(post)
        posts.setdefault(post.code, []).append(post)
    mine = rows_for(by, Staff.objects.filter(employee_no__in=numbers))
    # Everybody and every role of the file at once, in the order of all who appoint: later rows take no new lock.
    keys = {*mine.values_list("pk", flat=True), *Staff.objects.filter(user=by).values_list("pk", flat=True)}
    lock_rows(Staff.objects.filter(pk__in=keys))
    named = {name for row in rows for name, _unit in _named(row["cells"])}
    roles = {post.role_id for name in named for post in posts.get(name, ())}
    lock_rows(Role.objects.filter(pk__in=roles))
    people = Staff.objects.filter(pk__in=keys, employee_no__in=numbers).select_related("user", "unit")
    world = _World(
        people={one.employee_no: one for one in people.prefetch_related("posts__post", "posts__unit")},
        units={unit.code: unit for unit in OrgUnit.objects.filter(code__in=_unit_codes(rows))},
        posts=posts,
        twice=Counter(numbers),
        shoppers=_shoppers(rows),
        reason=str(_("Excel 导入：%(name)s") % {"name": upload.filename})[:200],
    )
    return [_row(row, world, by) for row in rows]


def _named(cells: dict[str, str]) -> list[tuple[str, str]]:
    """The posts of a row with the codes of their units ("": the person's own), the main one first."""
    main = [(cells["post"].strip(), cells.get("post_unit", "").upper())] if cells.get("post") else []
    return [*main, *further_written(cells.get("further", ""))]


def _unit_codes(rows: list[Row]) -> set[str]:
    codes = {row["cells"].get("unit", "").upper() for row in rows}
    return codes | {unit for row in rows for _name, unit in _named(row["cells"])}


def _shoppers(rows: list[Row]) -> set[str]:
    written = {row["cells"].get("email", "").lower() for row in rows}
    found = User.objects.filter(email__in=written, is_staff=False)
    return set(found.values_list("email", flat=True))


def _row(row: Row, world: _World, by: Any) -> PersonLine:
    cells: dict[str, str] = row["cells"]
    number = cells.get("employee_no", "").upper()
    line = PersonLine(row["n"], number, cells.get("name", ""), unit=cells.get("unit", "").upper())
    line.errors += [(title, words) for title, words in row["bad"]]
    person = world.people.get(number)
    if not number:
        line.wrong(TITLE_OF["employee_no"], _("请填写此项"))
    elif world.twice[number] > 1:
        line.wrong(TITLE_OF["employee_no"], _("文件里有 %(n)s 行用了这个工号") % {"n": world.twice[number]})
    if person is not None and person.status == StaffStatus.LEFT:
        line.action, line.title, line.unit = "skip", person.name, person.unit.code
        line.note = str(_("已离职；回来的请办理“重新入职”"))
        return line
    home = _unit(line, "unit", line.unit, world, by) if person is None or line.unit else person.unit
    joined = _day(line, cells.get("joined_on", ""))
    wanted = _wanted(line, cells, home, world, by)
    if line.errors or home is None:
        return line
    try:
        with transaction.atomic():
            if person is None:
                person = _hire(by, home, cells, joined)
                if person.user.email in world.shoppers:
                    line.note = str(_("邮箱已是顾客账号，将成为工作账号"))
            else:
                _same_home(line, person, home, cells)
                _change(line, person, cells, joined, by)
            _appoint(line, person, wanted, world, by)
    except LockTimeout:
        raise
    except DomainError as error:
        words = error.in_words
        line.wrong(TITLE_OF.get(error.field or "", ""), words)
    return line


def _unit(line: PersonLine, key: str, code: str, world: _World, by: Any) -> OrgUnit | None:
    """The unit of a code; none is an error of the column, as is one out of reach."""
    unit = world.units.get(code)
    if not code:
        line.wrong(TITLE_OF[key], _("请填写此项"))
    elif unit is None or not (may_at(by, "org_unit.view", unit) or may_at(by, "staff.view", unit)):
        line.wrong(TITLE_OF[key], _("没有“%(code)s”这个机构，或不在您的管辖范围内") % {"code": code[:40]})
        return None
    return unit


def _day(line: PersonLine, text: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(day_written(text))
    except ValueError:
        found = None
    if found is None or not 1949 <= found.year <= 2100:
        line.wrong(TITLE_OF["joined_on"], _("应是日期，如 2026-07-01"))
        return None
    return found


def _wanted(
    line: PersonLine, cells: dict[str, str], home: OrgUnit | None, world: _World, by: Any
) -> list[tuple[Post, OrgUnit]]:
    """The posts that a row names; what is none, or wider than the maker's own rights, is an error of the row."""
    found: list[tuple[Post, OrgUnit]] = []
    listed = _named(cells)
    main = bool(cells.get("post"))
    if cells.get("post_unit") and not main:
        line.wrong(TITLE_OF["post"], _("填了任职机构，请填写岗位"))
    line.posts = "；".join(f"{name}@{code}" if code else name for name, code in listed)
    for place, (name, code) in enumerate(listed):
        first = main and place == 0
        column = "post" if first else "further"
        unit = _unit(line, "post_unit" if first else "further", code, world, by) if code else home
        if unit is None:
            continue
        fitting = {one.pk: one for one in world.posts.get(name, ()) if one.level == unit.level}
        if len(fitting) != 1:
            words = (
                _("有几个叫“%(post)s”的岗位，请填岗位代码")
                if fitting
                else _("“%(unit)s”没有“%(post)s”这个岗位")
            )
            line.wrong(TITLE_OF[column], words % {"post": name[:40], "unit": unit.name})
            continue
        [post] = fitting.values()
        excess = world.wide.get((post.role_id, unit.pk))
        if excess is None:
            excess = world.wide[post.role_id, unit.pk] = too_wide(
                by, post.role, span_of(post.role.scope, unit)
            )
        if excess:
            told = {"post": post.name, "list": "；".join(excess)}
            line.wrong(
                TITLE_OF[column], _("岗位“%(post)s”的角色超出您自己的权限：%(list)s；请由上级办理") % told
            )
            continue
        found.append((post, unit))
    return found


def _hire(by: Any, home: OrgUnit, cells: dict[str, str], joined: date | None) -> Staff:
    return hire(
        by, home, employee_no=cells["employee_no"], name=cells.get("name", ""), email=cells.get("email", ""),
        mobile=cells.get("mobile", ""), id_number=cells.get("id_number", ""), joined_on=joined,
    )  # fmt: skip


def _same_home(line: PersonLine, person: Staff, home: OrgUnit, cells: dict[str, str]) -> None:
    line.unit = home.code
    if home.pk != person.unit_id:
        line.wrong(TITLE_OF["unit"], _("不能用导入调动，请在人员页办理“调动”"))
    email = cells.get("email", "").lower()
    if email and email != person.user.email.lower():
        line.wrong(TITLE_OF["email"], _("登录邮箱不能用导入修改"))


def _change(line: PersonLine, person: Staff, cells: dict[str, str], joined: date | None, by: Any) -> None:
    """Change what the row says otherwise; blank cells and what an export masked leave what is there."""
    changes: dict[str, Any] = {}
    line.title = cells.get("name") or person.name
    if line.title != person.name:
        changes["name"] = line.title
    # a mask stands for the number it was made of
    if (
        (typed := cells.get("mobile", ""))
        and typed != phone_for(person)
        and clean_mobile(typed) != person.mobile
    ):
        changes["mobile"] = typed
    typed = cells.get("id_number", "")
    if typed and typed != id_number_for(person) and clean_id_number(typed) != person.id_number:
        changes["id_number"] = typed
    if joined is not None and joined != person.joined_on:
        changes["joined_on"] = joined
    if changes and not line.errors:
        change_file(by, person, **changes)
    line.action = "change" if changes else "same"


def _appoint(
    line: PersonLine, person: Staff, wanted: list[tuple[Post, OrgUnit]], world: _World, by: Any
) -> None:
    """Put the person into the posts not held yet; none is ended."""
    fresh = line.action == "create"
    have = set() if fresh else {(one.post_id, one.unit_id) for one in held(person)}
    new = [(post, unit) for post, unit in wanted if (post.pk, unit.pk) not in have]
    if line.errors or not new:
        return
    waits = 0
    for place, (post, unit) in enumerate(new):
        made = assign(by, person, post, unit, primary=fresh and place == 0, reason=world.reason)
        waits += made.grants.filter(state=GrantState.PENDING).exists()
    if not fresh:
        line.action = "change"
    if waits:
        told = str(_("%(n)s 个角色待第二人复核") % {"n": waits})
        line.note = f"{line.note}；{told}" if line.note else told
