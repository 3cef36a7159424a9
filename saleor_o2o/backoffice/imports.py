"""Files taken in by page: kept, looked at row by row as often as wanted, then written whole or not at all.

What a plugin adds: a model of `FileImport`, the reading of its rows, and a service that says what each row would do and
one that writes them. The pages are `admin.imports.ImportPages`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import OutOfScope

F = TypeVar("F", bound="FileImport")

#: Makes the caller's error from a message and what to do next.
Refuse = Callable[[Any, Any], Exception]


class ImportState(models.TextChoices):
    """A file waits for its confirmation, was written, or was thrown away."""

    WAITING = "waiting", _("待确认")
    DONE = "done", _("已导入")
    DROPPED = "dropped", _("已放弃")


class FileImport(models.Model):
    """One uploaded file: what its cells said, not what came of it; every look checks anew. For its maker alone."""

    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("上传人")
    )
    filename = models.CharField(_("文件名"), max_length=200)
    rows: Any = models.JSONField(_("内容"), default=list)
    state = models.CharField(
        _("状态"), max_length=12, choices=ImportState.choices, default=ImportState.WAITING
    )
    created_count = models.PositiveIntegerField(_("新建"), default=0)
    changed_count = models.PositiveIntegerField(_("修改"), default=0)
    made_at = models.DateTimeField(_("上传时间"), default=now)
    done_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.filename} {self.made_at:%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of a file: `note` says what the cell takes, `choices` are offered, not forced."""

    key: str
    title: Text
    note: Text = ""
    required: bool = False
    choices: Sequence[str] = ()


@dataclass(slots=True)
class Line:
    """One row: what it does (`create`, `change`, `same`, `skip`), and its errors as (column, words)."""

    number: int
    key: str
    title: str
    action: str = "create"
    errors: list[tuple[str, str]] = field(default_factory=list)
    note: str = ""

    def wrong(self, column: Text, message: Text) -> None:
        """Note an error of a column; without one, of the row."""
        self.errors.append((str(column), str(message)))


def own_file(rows: QuerySet[F], pk: int, by: Any) -> F:
    """One's own uploaded file. Raises OutOfScope for anybody else's."""
    found = rows.filter(pk=pk, maker=by).first()
    if found is None:
        raise OutOfScope
    return found


def drop_file(upload: FileImport, by: Any) -> None:
    """Throw one's own waiting file away, with what it said."""
    type(upload)._default_manager.filter(pk=upload.pk, maker=by, state=ImportState.WAITING).update(
        state=ImportState.DROPPED, done_at=now(), rows=[]
    )


def take_file(upload: F, by: Any, refuse: Refuse) -> F:
    """Lock one's own file that waits. Raises OutOfScope, what `refuse` makes for one that is done with, LockTimeout."""
    rows = lock_rows(type(upload)._default_manager.filter(pk=upload.pk, maker=by))
    if not rows:
        raise OutOfScope
    if rows[0].state != ImportState.WAITING:
        raise refuse(_("这个文件%(state)s，不能再次导入") % {"state": rows[0].get_state_display()}, None)
    return rows[0]


def require_right(lines: Sequence[Any], refuse: Refuse) -> None:
    """Raise what `refuse` makes when a line has an error."""
    wrong = sum(1 for line in lines if line.errors)
    if wrong:
        raise refuse(_("有 %(n)s 行错误，没有导入任何一行") % {"n": wrong}, _("请改正后重新上传"))


def close_file(upload: FileImport, lines: Sequence[Any]) -> None:
    """Note that a locked file was written; what it said is forgotten."""
    upload.state, upload.done_at, upload.rows = ImportState.DONE, now(), []
    upload.created_count = sum(line.action == "create" for line in lines)
    upload.changed_count = sum(line.action == "change" for line in lines)
    upload.save()
