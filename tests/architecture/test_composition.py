"""The composition root: what fits together starts, what does not is refused in words, and plugins can be left out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from saleor_o2o.composition import CompositionError, arrange, beat_schedule, compose, journeys, load
from saleor_o2o.plugin import Beat, JourneySpec, Plugin

from .sources import ROOT


def make(name: str, *requires: str, **more: object) -> Plugin:
    return replace(Plugin(name=name, title=name, app=f"plugins.{name}", requires=requires), **more)  # type: ignore[arg-type]


def test_plugins_follow_what_they_require() -> None:
    # when
    arranged = arrange([make("tours", "shop", "members"), make("members", "shop"), make("shop"), make("abc")])

    # then
    assert [plugin.name for plugin in arranged] == ["abc", "shop", "members", "tours"]


def test_cycle_is_refused_and_named() -> None:
    # when
    with pytest.raises(CompositionError) as refusal:
        arrange([make("a", "b"), make("b", "c"), make("c", "a")])

    # then
    message = str(refusal.value)
    assert message.startswith("插件循环依赖：")
    assert {name.strip() for name in message.removeprefix("插件循环依赖：").split("→")} == {"a", "b", "c"}


def test_missing_requirement_is_refused_and_named() -> None:
    # when / then
    with pytest.raises(CompositionError, match="插件 tours 依赖 members，但它没有启用"):
        arrange([make("tours", "members")])


def test_name_used_twice_is_refused() -> None:
    # when / then
    with pytest.raises(CompositionError, match="插件名 tours 重复"):
        arrange([make("tours"), make("tours")])


def test_other_saleor_is_refused() -> None:
    # when / then
    with pytest.raises(CompositionError, match=r"插件 tours 需要 Saleor 3\.0\.0，当前为 2\.10\.1"):
        arrange([make("tours", saleor="3.0.0")])


def test_clashing_beat_entries_and_journeys_are_refused() -> None:
    # given
    beat = {"sweep": Beat("x.sweep", 5)}
    flow = {"buy": JourneySpec("x.play", "买")}

    # when / then
    with pytest.raises(CompositionError, match="定时任务 sweep 同时由 a 和 b 声明"):
        arrange([make("a", beat=beat), make("b", beat=beat)])
    with pytest.raises(CompositionError, match="流程 buy 同时由 a 和 b 声明"):
        arrange([make("a", journeys=flow), make("b", journeys=flow)])


def test_unknown_plugin_is_refused() -> None:
    # when / then
    with pytest.raises(CompositionError, match="找不到插件 no_such_plugin"):
        load("no_such_plugin")


def test_package_without_declaration_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    from plugins.wechat_pay import plugin as module

    monkeypatch.delattr(module, "plugin")

    # when / then
    with pytest.raises(CompositionError, match="插件 wechat_pay 没有在"):
        load("wechat_pay")


def test_schedule_and_journeys_are_collected() -> None:
    # given
    arranged = arrange(
        [
            make("a", beat={"sweep": Beat("x.sweep", 5)}),
            make("b", journeys={"buy": JourneySpec("x.play", "买")}),
        ]
    )

    # then
    assert beat_schedule(arranged) == {"sweep": {"task": "x.sweep", "schedule": 5}}
    assert journeys(arranged) == {"buy": JourneySpec("x.play", "买")}


def test_a_pace_hurries_the_jobs_of_the_minute_alone() -> None:
    # given
    beat = {"often": Beat("x.often", 2), "minutely": Beat("x.minutely", 60), "hourly": Beat("x.hourly", 3600)}
    arranged = arrange([make("a", beat=beat)])

    # when
    as_declared, hurried = beat_schedule(arranged), beat_schedule(arranged, pace=5)

    # then
    assert {name: entry["schedule"] for name, entry in as_declared.items()} == {
        "often": 2, "minutely": 60, "hourly": 3600
    }  # fmt: skip
    assert {name: entry["schedule"] for name, entry in hurried.items()} == {
        "often": 2, "minutely": 5, "hourly": 3600
    }  # fmt: skip


DECLARED = compose(tuple(settings.O2O_PLUGINS))


def _dotted_paths(plugin: Plugin) -> list[str]:
    single = [path for path in (plugin.hooks, plugin.pages, plugin.receivers) if path]
    flows = [journey.play for journey in plugin.journeys.values()]
    return [
        *plugin.queries, *plugin.mutations, *plugin.saleor_plugins, *plugin.health, *plugin.seeds, *single, *flows
    ]  # fmt: skip


@pytest.mark.parametrize("plugin", DECLARED, ids=lambda plugin: plugin.name)
def test_declared_paths_can_be_imported(plugin: Plugin) -> None:
    # given
    from importlib import import_module

    modules = {plugin.hooks, plugin.pages, plugin.receivers}

    for path in _dotted_paths(plugin):
        # when
        found = import_module(path) if path in modules else import_string(path)

        # then
        if path in (plugin.hooks, plugin.pages):
            assert found.urlpatterns
        elif path not in modules:
            assert callable(found)


@pytest.mark.parametrize("plugin", DECLARED, ids=lambda plugin: plugin.name)
def test_apps_are_ours(plugin: Plugin) -> None:
    # given
    from django.apps import apps

    config = next(config for config in apps.get_app_configs() if config.name == plugin.app)

    # then
    assert config.label == f"o2o_{plugin.name}"
    assert config.default_auto_field == "django.db.models.BigAutoField"


def test_plugins_can_be_switched_off() -> None:
    # given: a process with none of the plugins
    code = """
import django, json
django.setup()
from django.conf import settings
from django.test import Client
from graphql import graphql
from saleor_o2o.graphql.schema import schema
answer = Client().get("/healthz")
print(json.dumps({
    "plugins": [plugin.name for plugin in settings.DECLARED],
    "health": [answer.status_code, answer.json()],
    "hook": Client().post("/hooks/wechat_pay/notify").status_code,
    "stock": "checkoutComplete" in schema.get_mutation_type().fields,
    "ours": "paymentStart" in schema.get_mutation_type().fields,
    "gateways": [path for path in settings.PLUGINS if path.startswith("plugins.")],
}))
"""
    environment = {
        **os.environ,
        "O2O_PLUGINS": "",
        "DJANGO_SETTINGS_MODULE": "settings.test",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:9/nowhere",
        "PYTHONPATH": str(ROOT),
    }

    # when
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    # then
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout.splitlines()[-1])
    assert sorted(told["plugins"]) == ["backoffice", "cashier", "kernel", "ordering", "seeding"]
    assert told["health"] == [200, {"status": "ok"}]
    assert told["hook"] == 404
    assert told["stock"] is True
    assert told["ours"] is True
    assert told["gateways"] == []
