"""Writes a row of any model at a unit, every text of it recognisable, whatever else the model wants.

Rows that belong to the whole city carry another text than those of the unit: everybody may meet them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, NamedTuple
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import DatabaseError, models, transaction
from django.db.models import Field, Model
from pytest_django.plugin import DjangoDbBlocker
from saleor.account.models import User

from plugins.org_hierarchy.access.registry import rule_of
from plugins.org_hierarchy.models import OrgUnit, Role
from saleor_o2o.kernel.clock import now

from ..orgs import person, small_org
from .city import rows_at

#: In every text of what is planted.
MARK = "zzforeign"
#: Names of the other county's units; nobody of ours reads them anywhere.
NAMES = ("乙县",)
_numbers = count(70_001)
CITY_MARK = "zzcity"
#: Apps of stock whose rows the whole world may read: the catalogue.
PUBLIC = ("product",)


class Planter:
    """Plants rows of one county: `unit` for every foreign key to a unit, `user` to a user, `mark` in every text."""

    def __init__(self, mark: str, unit: OrgUnit, user: User, known: dict[type[Model], Model]) -> None:
        self.mark = mark
        self.unit = unit
        self.user = user
        self.known = {OrgUnit: unit, User: user, **known}
        self.failed: dict[type[Model], str] = {}

    def plant(self, model: type[Model], depth: int = 0) -> Model:
        """A row of the model, made the first time it is needed. Raises DatabaseError where constraints want more."""
        concrete = model._meta.concrete_model or model
        if concrete not in self.known:
            if depth > 6:
                raise RuntimeError(f"{model._meta.label} hangs on too much")
            values: dict[str, Any] = {}
            for field in concrete._meta.concrete_fields:
                if (value := self._value(field, depth)) is not models.NOT_PROVIDED:
                    values[field.attname] = value
            row = concrete(**values)
            with transaction.atomic():
                # past save(): services of the plugins are not what is tried here
                concrete._default_manager.bulk_create([row])
            self.known[concrete] = concrete._default_manager.get(pk=row.pk)
        return self.known[concrete]

    def _value(self, field: Field, depth: int) -> Any:
        if field.is_relation:
            target = field.remote_field.model
            if field.null and target._meta.concrete_model not in self.known:
                return None
            row = self.plant(target, depth + 1)
            return getattr(row, field.target_field.attname)
        if field.primary_key and isinstance(field, models.AutoField):
            return models.NOT_PROVIDED
        if field.name == "org_path":  # written by the platform alone, from a unit's
            return self.unit.path
        if field.choices:
            return field.default if field.has_default() else field.choices[0][0]
        if isinstance(field, models.CharField | models.TextField):
            if field.has_default() and field.default:
                return models.NOT_PROVIDED
            rule = rule_of(field.model)
            shared = field.model._meta.app_label in PUBLIC or (rule is not None and rule.city_wide)
            mark = CITY_MARK if shared else self.mark
            text = f"{mark}-{next(_numbers)}" if field.unique else mark
            return text[: field.max_length] if field.max_length else text
        if field.name == "unit_key":  # a unit by its key alone
            return self.unit.pk
        if field.has_default() or field.null or isinstance(field, ArrayField | models.FileField):
            return models.NOT_PROVIDED
        return self._number(field)

    def _number(self, field: Field) -> Any:
        if isinstance(field, models.UUIDField):
            return uuid4()
        if isinstance(field, models.DateTimeField):
            return now() + timedelta(days=1)
        if isinstance(field, models.DateField):
            return date(2026, 1, 1)
        if isinstance(field, models.DecimalField):
            return Decimal("1")
        if isinstance(field, models.BooleanField):
            return False
        if isinstance(field, models.SmallIntegerField | models.PositiveSmallIntegerField):
            return field.default if field.has_default() else 1  # marks, levels: no room for large numbers
        if isinstance(field, models.IntegerField):
            return next(_numbers)
        if isinstance(field, models.TimeField):
            return datetime(2026, 1, 1, 9).time()
        if isinstance(field, models.FloatField):
            return 1.0
        if isinstance(field, models.JSONField):
            return {}
        return models.NOT_PROVIDED


def plant_all(planter: Planter, wanted: list[type[Model]]) -> dict[type[Model], str]:
    """Plant a row of each model; answers what could not be planted, and why."""
    failed: dict[type[Model], str] = {}
    for model in wanted:
        try:
            planter.plant(model)
        except (DatabaseError, RuntimeError, ValueError, TypeError) as error:
            failed[model] = str(error).split("\n", 1)[0]
    return failed


class Planted(NamedTuple):
    """What all tests of a file look at and none changes for another."""

    org: dict[str, OrgUnit]
    county: Planter


@contextmanager
def planted_once(blocker: DjangoDbBlocker, wanted: list[type[Model]]) -> Iterator[Planted]:
    """The city and a row of every model wanted, for all tests of a file: each runs in a savepoint on top of it."""
    with blocker.unblock():
        around = transaction.atomic()
        around.__enter__()
        org = small_org()
        county = foreign_county(org, wanted)
    yield Planted(org, county)
    with blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


def foreign_county(org: dict[str, OrgUnit], wanted: list[type[Model]]) -> Planter:
    """The county next door (C12, branch B121) with a row of every model wanted; `failed` says what is missing."""
    colleague = person(org["B121"], MARK, ["order.view"])
    # not one of the company's roles
    Role.objects.filter(grants__staff=colleague.o2o_staff).update(owner=org["B121"])
    rows = rows_at(org["B121"], f"{MARK}0")
    known = {
        type(row): row
        for row in (
            rows.order, rows.line, rows.payment, rows.transaction, rows.intent, rows.attempt, rows.refund,
            rows.notification, rows.audit, rows.address, colleague.o2o_staff, colleague.o2o_staff.grants.get(),
        )
    }  # fmt: skip
    planter = Planter(MARK, org["B121"], colleague, known)
    planter.failed = plant_all(planter, wanted)
    return planter
