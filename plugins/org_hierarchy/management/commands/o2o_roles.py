"""Brings the company's posts and roles into the tables, repairs stock's groups, and appoints the first people."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from plugins.org_hierarchy.models import OrgUnit, Post, Staff
from plugins.org_hierarchy.services.opening import create_unit, open_unit
from plugins.org_hierarchy.services.posts import assign
from plugins.org_hierarchy.services.saleor_groups import sync_all
from plugins.org_hierarchy.services.staffing import hire
from plugins.org_hierarchy.services.templates import ensure_departments, sync_templates
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.request import bind_request


class Command(BaseCommand):
    """Run it after each deployment. `--root` and `--appoint` are the system's own word: no second person is asked."""

    help = "建立公司的岗位和角色模板，补上新插件带来的权限，校正权限组；--root 建立市中心，--appoint 任命首批人员"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--root", nargs=2, metavar=("机构代码", "名称"), help="建立并启用市中心；已有同代码的市中心时不变"
        )
        parser.add_argument(
            "--appoint",
            nargs=5,
            metavar=("工号", "姓名", "邮箱", "岗位代码", "机构代码"),
            action="append",
            default=[],
            help="录用（如不存在）并任职，立即生效，不经复核",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with bind_request(actor="command:o2o_roles"):
            made = sync_templates()
            if options["root"]:
                self._found(*options["root"])
            root = OrgUnit.objects.filter(parent__isnull=True).first()
            if root is not None:
                ensure_departments(root)
            for words in options["appoint"]:
                self._appoint(*words)
            groups = sync_all()
        self.stdout.write(
            f"角色 {made['roles']}，岗位 {made['posts']}，新增权限 {made['permissions']}；"
            f"权限组 {groups['groups']}，加入 {groups['added']}，移出 {groups['removed']}"
        )

    def _found(self, code: str, name: str) -> None:
        if OrgUnit.objects.filter(parent__isnull=True, code=code.upper()).exists():
            return
        try:
            with transaction.atomic():
                open_unit(create_unit(None, {"code": code.upper(), "name": name}, reason="系统建立"))
        except DomainError as error:
            raise CommandError(f"{code}：{error}") from error

    def _appoint(self, number: str, name: str, email: str, post: str, unit: str) -> None:
        where = OrgUnit.objects.filter(code=unit.upper()).first()
        what = Post.objects.filter(code=post).first()
        if where is None or what is None:
            raise CommandError(f"没有这个机构或岗位：{unit} {post}")
        staff = Staff.objects.filter(employee_no=number.upper()).first()
        try:
            if staff is None:
                staff = hire(None, where, employee_no=number, name=name, email=email)
            assign(None, staff, what, where, reason="系统任命")
        except DomainError as error:
            raise CommandError(f"{number}：{error}") from error
