"""A model that a migration makes must not go on listening: the next hundreds would each be told to it."""

from __future__ import annotations

from django.db import models
from django.db.migrations.state import ModelState, ProjectState
from django.db.models.signals import class_prepared
from django_fsm import FSMField, transition


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
