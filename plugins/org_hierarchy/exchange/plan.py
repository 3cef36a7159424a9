"""What a file of units would do, row by row, with all that is wrong: the preview, and the check before writing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import rows_for

from ..access.grants import access_of, is_outsider
from ..levels import Level, UnitStatus
from ..models import OrgUnit, Staff
from ..services.fields import clean
from ..services.placing import levels_below
from ..services.rights import Actor, may_at
from .columns import BY_KEY, datum_named, level_named, scope_named, status_named
from .reader import Row

#: Cells that say where a unit stands and are not fields.
_PLACE = ("level", "parent", "status", "manager")
_READERS: dict[str, Callable[[str], Any]] = {"datum": datum_named, "business_scope": scope_named}


@dataclass(slots=True)
class Line:
    """One row: what it would do (`create`, `change`, `same`), and its errors as (column, words)."""

    number: int
    code: str
    name: str
    action: str = "create"
    errors: list[tuple[str, str]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    unit: OrgUnit | None = None
    #: the code of the parent, and the parent: a unit that is there, or a line of this file
    parent_code: str = ""
    parent: OrgUnit | Line | None = None
    level: int | None = None
    status: str = UnitStatus.PLANNED
    changed: list[str] = field(default_factory=list)
    #: the path of the nearest unit above that is there
    anchor: str = ""

    def wrong(self, key: str, message: Text) -> None:
        """Note an error of a column."""
        column = BY_KEY.get(key)
        self.errors.append((str(column.title) if column else "", str(message)))


def plan(rows: Iterable[Row], by: Actor, *, lock: bool = False) -> list[Line]:
    """Say what each row would do. Writes nothing; three statements, whatever the number of rows.

    `lock`: keep the units that would change locked, for the one who writes next (in a transaction, the tree locked).
    """
    rows = list(rows)
    codes = {row["cells"].get("code", "").upper() for row in rows}
    parents = {row["cells"].get("parent", "").upper() for row in rows}
    numbers = {row["cells"]["manager"] for row in rows if "manager" in row["cells"]}
    mine = OrgUnit.objects.filter(code__in=codes)
    found = {unit.code: unit for unit in (lock_rows(mine) if lock else mine)}
    above = OrgUnit.objects.filter(code__in=parents - found.keys()).select_related("parent")
    known = {**{unit.code: unit for unit in above}, **found}
    every = Staff.objects.filter(employee_no__in=numbers)
    people = {one.employee_no: one for one in (every if by is None else rows_for(by, every))}
    lines = [_line(row, found, people, by) for row in rows]
    _check_twice(lines)
    _place(lines, known, by)
    return lines


def _line(row: Row, found: dict[str, OrgUnit], people: dict[str, Staff], by: Actor) -> Line:
    cells = row["cells"]
    line = Line(row["n"], cells.get("code", "").upper(), cells.get("name", ""))
    line.errors = [(title, words) for title, words in row["bad"]]
    line.parent_code = cells.get("parent", "").upper()
    unit = found.get(line.code)
    if unit is not None and not may_at(by, "org_unit.view", unit):
        line.wrong("code", _("机构代码已被使用"))
        return line
    line.unit = unit
    values = {key: _READERS.get(key, str)(text) for key, text in cells.items() if key not in _PLACE}
    if "manager" in cells:
        values["manager"] = people.get(cells["manager"])
        if values.pop("manager") is None:
            line.wrong("manager", _("没有这个工号"))
        else:
            values["manager"] = people[cells["manager"]]
    if unit is None:
        for key in ("code", "name"):
            values.setdefault(key, "")
    line.values, errors = clean(values, unit)
    for error in errors:
        line.wrong(error.field or "", error.message)
    _standing(line, cells)
    if unit is not None:
        _change(line, unit, by)
    return line


def _standing(line: Line, cells: dict[str, str]) -> None:
    """Level and status, as the row gives them."""
    if "level" in cells:
        line.level = level_named(cells["level"])
        if line.level is None:
            line.wrong("level", _("没有“%(name)s”这个级别") % {"name": cells["level"][:20]})
    if "status" in cells:
        status = status_named(cells["status"])
        if status is None:
            line.wrong("status", _("没有“%(name)s”这个状态") % {"name": cells["status"][:20]})
        elif line.unit is not None and status != line.unit.status:
            line.wrong(
                "status", _("不能用导入改变状态，现为%(name)s") % {"name": line.unit.get_status_display()}
            )
        elif line.unit is None and status not in (UnitStatus.PLANNED, UnitStatus.ACTIVE):
            line.wrong("status", _("新建机构只能是筹建或启用"))
        else:
            line.status = status


def _change(line: Line, unit: OrgUnit, by: Actor) -> None:
    """What the row would change of a unit that is there."""
    line.name = line.name or unit.name
    line.values.pop("code", None)
    if unit.status == UnitStatus.CLOSED:
        line.wrong("code", _("该机构已撤并，不能修改"))
    elif not may_at(by, "org_unit.edit", unit):
        line.wrong("code", _("您没有修改该机构的权限"))
    if line.level is not None and line.level != unit.level:
        line.wrong("level", _("级别不能修改，现为%(name)s") % {"name": unit.get_level_display()})
    line.changed = [
        name for name, value in line.values.items() if not _same(name, getattr(unit, name), value)
    ]
    line.action = "change" if line.changed else "same"


def _same(name: str, old: Any, new: Any) -> bool:
    """True for business lines in another order too: the export writes them as they stand, the reader sorts them."""
    return set(old) == set(new) if name == "business_scope" else bool(old == new)


def _check_twice(lines: list[Line]) -> None:
    counts = Counter(line.code for line in lines if line.code)
    first: dict[str, int] = {}
    for line in lines:
        if line.code and counts[line.code] > 1:
            other = first.setdefault(line.code, line.number)
            if other == line.number:
                line.wrong("code", _("文件里有 %(n)s 行用了这个代码") % {"n": counts[line.code]})
            else:
                line.wrong("code", _("与第 %(n)s 行重复") % {"n": other})


def _place(lines: list[Line], known: dict[str, OrgUnit], by: Actor) -> None:
    """Find each new unit's parent, in the tree or in this file, level by level; the parents first."""
    waiting: list[Line] = []
    in_file = {line.code: line for line in lines if line.code and line.unit is None}
    for line in lines:
        if line.unit is not None:
            _same_parent(line, line.unit, known)
        elif not line.parent_code:
            line.wrong("parent", _("新建机构要填写上级机构代码"))
        elif line.parent_code in known and may_at(by, "org_unit.view", known[line.parent_code]):
            _below(line, known[line.parent_code], by)
        elif line.parent_code in in_file:
            waiting.append(line)
        else:
            line.wrong("parent", _("没有这个上级机构"))
    # A tree of five levels is walked down in four steps; who is left points at each other.
    for _step in Level:
        placed = [line for line in waiting if _is_placed(in_file[line.parent_code])]
        for line in placed:
            _below_line(line, in_file[line.parent_code], by)
        waiting = [line for line in waiting if line not in placed] if placed else waiting
    for line in waiting:
        line.wrong("parent", _("上级机构互相指向，或层级太深"))


def _is_placed(line: Line) -> bool:
    return line.parent is not None or bool(line.errors)


def _same_parent(line: Line, unit: OrgUnit, known: dict[str, OrgUnit]) -> None:
    if not line.parent_code:
        return
    parent = known.get(line.parent_code)
    if parent is None or parent.pk != unit.parent_id:
        line.wrong("parent", _("不能用导入变更隶属，请用“变更隶属”办理"))


def _below(line: Line, parent: OrgUnit, by: Actor) -> None:
    line.parent, line.anchor = parent, parent.path
    if not may_at(by, "org_unit.create", parent):
        line.wrong("parent", _("您没有在该机构下新建的权限"))
    if parent.status == UnitStatus.CLOSED:
        line.wrong("parent", _("上级机构已撤并"))
    elif line.status == UnitStatus.ACTIVE and parent.status != UnitStatus.ACTIVE:
        line.wrong("status", _("上级机构没有启用"))
    _level(line, levels_below(parent))


def _below_line(line: Line, parent: Line, by: Actor) -> None:
    line.parent, line.anchor = parent, parent.anchor
    if parent.errors or parent.level is None:
        line.wrong("parent", _("上级机构（第 %(n)s 行）有错误") % {"n": parent.number})
        return
    if not _may_below(parent, by):
        line.wrong("parent", _("您没有在该机构下新建的权限"))
    if line.status == UnitStatus.ACTIVE and parent.status != UnitStatus.ACTIVE:
        line.wrong("status", _("上级机构没有启用"))
    _level(line, levels_below(OrgUnit(level=parent.level)))


def _may_below(parent: Line, by: Actor) -> bool:
    """The right over a unit that is not there yet: whoever holds it over the whole subtree it will be in."""
    if by is None or is_outsider(by):
        return True  # asked over the anchor already
    return access_of(by).reach("org_unit.create").covers(f"{parent.anchor}0/", 0)


def _level(line: Line, allowed: list[Level]) -> None:
    if not allowed:
        line.wrong("level", _("网点下面不能再设机构"))
    elif line.level is None:
        line.level = allowed[0]
    elif line.level not in allowed:
        names = "、".join(str(one.label) for one in allowed)
        line.wrong("level", _("这个上级的下级应是%(names)s") % {"names": names})
