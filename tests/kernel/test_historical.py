"""Models of migrations are made quickly, and are the very models that Django's own way makes."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter
from django.db.models.signals import class_prepared
from django_fsm import FSMField, transition
from saleor.order.models import Order
from saleor.product.models import Product

from plugins.org_hierarchy.models import OrgUnit, Role, RoleGrant
from saleor_o2o.kernel import historical


def test_a_model_of_a_migration_leaves_no_listener() -> None:
    # given
    before = len(class_prepared.receivers)
    state = ProjectState()
    state.add_model(
        ModelState(
            "o2o_kernel", "Crate", [("id", models.AutoField(primary_key=True)), ("status", FSMField())]
        )
    )

    # when it is made, twice
    made = state.apps.get_model("o2o_kernel", "Crate")
    state.reload_model("o2o_kernel", "crate")

    # then
    assert isinstance(made._meta.get_field("status"), FSMField)
    assert len(class_prepared.receivers) == before


def test_a_model_of_ours_still_finds_its_transitions() -> None:
    # when
    class Trunk(models.Model):  # noqa: DJ008 - never shown
        status = FSMField(default="new")

        class Meta:
            app_label = "o2o_kernel_tests_trunk"

        @transition(field=status, source="new", target="shut")
        def shut(self) -> None:
            """Close the lid."""

    # then
    assert [move.name for move in Trunk().get_all_status_transitions()] == ["shut"]


@pytest.mark.parametrize("model", [Order, Product, OrgUnit, Role, RoleGrant])
def test_a_field_of_a_migration_is_made_of_the_same_parts(model: type[models.Model]) -> None:
    # given fields that no model has yet, as a migration knows them
    state = ModelState.from_model(model)

    # then the first copy and each later one are what Django's own way gives, and come in the same order
    for field in state.fields.values():
        for _ in range(2):
            ours, theirs = field.clone(), historical._stock_clone(field)
            assert type(ours) is type(theirs)
            assert MigrationWriter.serialize(ours) == MigrationWriter.serialize(theirs)
            assert ours is not field
            # Django counts the fields that it adds by itself downwards: they stand first
            assert (theirs.creation_counter > ours.creation_counter) is not field.auto_created


def test_a_field_within_a_field_belongs_to_one_model() -> None:
    # given
    field: Any = ArrayField(models.IntegerField())

    # when two models are made of it
    one, another = field.clone(), field.clone()

    # then
    assert one.base_field is not another.base_field


def test_a_copy_that_is_changed_changes_no_other() -> None:
    # given
    field: Any = models.ForeignKey("account.User", models.CASCADE)
    changed = field.clone()

    # when, as a renamed model does it
    changed.remote_field.model = "account.Person"

    # then
    assert changed.clone().deconstruct()[3]["to"] == "account.person"
    assert field.clone().deconstruct()[3]["to"] == "account.user"


@pytest.mark.parametrize("name", ["account.User", "auth.User", "order.Order", "nowhere.Nothing"])
def test_what_a_setting_may_replace_is_what_django_says(name: str) -> None:
    # given
    stock: Any = Apps.get_swappable_settings_name

    # then
    assert apps.get_swappable_settings_name(name) == stock.__wrapped__(apps, name)
    assert (apps.get_swappable_settings_name(name) is not None) == (name in ("account.User", "auth.User"))
