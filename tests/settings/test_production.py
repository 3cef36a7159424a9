"""Production starts with a complete, safe environment and with no other: asked of real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from saleor_o2o.checks import REQUIRED, environment_problems, settings_problems
from saleor_o2o.keys import fresh_keys

ROOT = Path(__file__).resolve().parents[2]
ADDRESSES = {
    "DATABASE_URL": "postgres://somebody:very-private@127.0.0.1:9/nowhere",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "ALLOWED_HOSTS": "shop.cqpost.test",
    "ALLOWED_CLIENT_HOSTS": "shop.cqpost.test,dashboard.cqpost.test",
    "O2O_PUBLIC_URL": "https://shop.cqpost.test",
}


def good_environment() -> dict[str, str]:
    return {**ADDRESSES, **fresh_keys()}


def run_python(code: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run code in a process that sees nothing of ours but what is given."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            **kept,
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "DJANGO_SETTINGS_MODULE": "settings.production",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


SETUP = "import django; django.setup()\n"


def test_good_environment_has_no_problem() -> None:
    assert environment_problems(good_environment()) == []


def test_everything_missing_is_named_at_once() -> None:
    # when
    result = run_python(SETUP, {})

    # then
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "生产环境拒绝启动" in result.stderr
    for name in REQUIRED:
        assert f"缺少环境变量 {name}：" in result.stderr
    assert len(REQUIRED) == 8


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DEBUG", "True", "DEBUG 已打开"),
        ("DEBUG", "1", "DEBUG 已打开"),
        ("SECRET_KEY", "to-be-replaced-by-the-environment" * 3, "SECRET_KEY 是示例或默认值"),
        (
            "SECRET_KEY",
            "not-a-secret-only-for-tests-not-a-secret-only-for-tests",
            "SECRET_KEY 是示例或默认值",
        ),
        ("SECRET_KEY", "abc" * 30, "SECRET_KEY 太弱"),
        ("SECRET_KEY", "x7Gf0-short", "SECRET_KEY 太弱"),
        ("O2O_SANDBOX_URL", "http://127.0.0.1:8100", "不能接沙箱"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS 含有通配符"),
        ("ALLOWED_HOSTS", "shop.cqpost.test,*.cqpost.test", "ALLOWED_HOSTS 含有通配符"),
        ("ALLOWED_CLIENT_HOSTS", "*", "ALLOWED_CLIENT_HOSTS 含有通配符"),
        ("ALLOWED_CLIENT_HOSTS", "localhost,127.0.0.1", "ALLOWED_CLIENT_HOSTS 含有本机地址"),
        ("DATABASE_URL", "sqlite:///here.db", "DATABASE_URL 必须是 PostgreSQL"),
        ("REDIS_URL", "memory://", "REDIS_URL 必须以 redis://"),
        ("O2O_PUBLIC_URL", "http://shop.cqpost.test", "O2O_PUBLIC_URL 必须是完整的 https://"),
        ("O2O_PUBLIC_URL", "https://shop.cqpost.test/shop", "不要带路径"),
        ("O2O_PUBLIC_URL", "https://127.0.0.1", "不能是本机地址"),
        ("O2O_FIELD_KEYS", "tooshort", "O2O_FIELD_KEYS 中有无效的密钥"),
        ("O2O_BLIND_INDEX_KEY", "tooshort", "O2O_BLIND_INDEX_KEY 太短"),
    ],
)
def test_one_wrong_value_is_one_problem(name: str, value: str, told: str) -> None:
    # when
    problems = environment_problems({**good_environment(), name: value})

    # then
    assert len(problems) == 1
    assert told in problems[0]


def test_message_never_repeats_a_value() -> None:
    # given
    environment = {**good_environment(), "ALLOWED_HOSTS": "*", "O2O_FIELD_KEYS": "my-private-key"}

    # when
    result = run_python(SETUP, environment)

    # then
    assert result.returncode == 1
    assert "改正以下 2 项" in result.stderr
    for value in ("my-private-key", "very-private", environment["SECRET_KEY"]):
        assert value not in result.stderr


@pytest.mark.parametrize(
    "start",
    [
        "import saleor_o2o.wsgi",
        "import saleor_o2o.celery",
        "from django.core.management import execute_from_command_line as run; run(['manage', 'check'])",
    ],
    ids=["web", "worker", "manage"],
)
def test_web_worker_and_commands_stop(start: str) -> None:
    # when
    result = run_python(start, {**good_environment(), "DEBUG": "True"})

    # then
    assert result.returncode == 1
    assert "DEBUG 已打开" in result.stderr
    assert "Traceback" not in result.stderr


def test_settings_in_force() -> None:
    # given
    code = SETUP + (
        "import json\n"
        "from django.conf import settings as s\n"
        "from django.core.checks import run_checks, Tags\n"
        "print(json.dumps({\n"
        "  'checks': [m.id for m in run_checks(tags=[Tags.security])],\n"
        "  'debug': s.DEBUG, 'hosts': s.ALLOWED_HOSTS, 'sandbox': s.O2O_SANDBOX_ALLOWED,\n"
        "  'jwt': s.GRAPHQL_JWT['JWT_VERIFY_EXPIRATION'], 'cookie': s.SESSION_COOKIE_SECURE,\n"
        "  'hsts': s.SECURE_HSTS_SECONDS, 'redirect': s.SECURE_SSL_REDIRECT,\n"
        "  'cache': s.CACHES['default']['BACKEND'], 'health': s.DATABASES['default']['CONN_HEALTH_CHECKS'],\n"
        "  'dummy': [p for p in s.PLUGINS if 'dummy' in p], 'email': s.EMAIL_BACKEND,\n"
        "  'media': s.SERVE_MEDIA, 'playground': s.PLAYGROUND_ENABLED,\n"
        "  'storage': s.STORAGES['default']['BACKEND'],\n"
        "}))"
    )

    # when
    result = run_python(code, {**good_environment(), "AWS_MEDIA_BUCKET_NAME": "media"})

    # then
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1]) == {
        "checks": ["o2o.W001"],
        "debug": False,
        "hosts": ["shop.cqpost.test"],
        "sandbox": False,
        "jwt": True,
        "cookie": True,
        "hsts": 31536000,
        "redirect": True,
        "cache": "django.core.cache.backends.redis.RedisCache",
        "health": True,
        "dummy": [],
        "email": "django.core.mail.backends.dummy.EmailBackend",
        "media": False,
        "playground": False,
        "storage": "saleor.core.storages.S3MediaStorage",
    }


def test_logs_are_json_without_personal_data() -> None:
    # given
    code = SETUP + (
        "import logging\n"
        "logging.getLogger('o2o.test').warning('call %s about token=%s', '13800000001', 'abcdef0123')\n"
        "logging.getLogger('django.request').error('second')\n"
        "logging.getLogger('o2o.half').error('half ' + chr(0xD800))\n"
    )

    # when
    result = run_python(code, good_environment())

    # then
    lines = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    mine = [line for line in lines if line["logger"] == "o2o.test"]
    assert len(mine) == 1
    assert mine[0]["level"] == "WARNING"
    assert mine[0]["request_id"] == "-"
    assert "13800000001" not in result.stderr
    assert "abcdef0123" not in result.stderr
    assert [line["message"] for line in lines if line["logger"] == "django.request"] == ["second"]
    assert [line["message"] for line in lines if line["logger"] == "o2o.half"] == ["half \ud800"]


def test_settings_derived_from_production_are_asked_too() -> None:
    # given: somebody's own module on top of production that opens a door again
    code = (
        "import sys, types, importlib\n"
        "base = importlib.import_module('settings.production')\n"
        "mine = types.ModuleType('mine'); mine.__dict__.update(vars(base)); mine.ALLOWED_HOSTS = ['*']\n"
        "sys.modules['mine'] = mine\n"
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'mine'\n"
    ) + SETUP

    # when
    result = run_python(code, good_environment())

    # then
    assert result.returncode == 1
    assert "ALLOWED_HOSTS 含有通配符" in result.stderr


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"DEBUG": True}, "DEBUG 已打开"),
        ({"O2O_SANDBOX_ALLOWED": True}, "允许接沙箱"),
        ({"SANDBOX_URL": "http://sandbox:8100"}, "允许接沙箱"),
        ({"PLUGINS": ["saleor.payment.gateways.dummy.plugin.DummyGatewayPlugin"]}, "Dummy"),
        ({"CELERY_TASK_ALWAYS_EAGER": True}, "没有消息队列"),
        ({"CELERY_BROKER_URL": ""}, "没有消息队列"),
        ({"GRAPHQL_JWT": {}}, "登录令牌不会过期"),
        ({"SESSION_COOKIE_SECURE": False}, "未限于 HTTPS"),
        ({"O2O_FIELD_KEYS": []}, "没有个人信息加密密钥"),
    ],
)
def test_unsafe_settings_are_refused(change: dict[str, object], told: str) -> None:
    # given
    keys = fresh_keys()
    safe: dict[str, object] = {
        "DEBUG": False,
        "SECRET_KEY": keys["SECRET_KEY"],
        "ALLOWED_HOSTS": ["shop.cqpost.test"],
        "ALLOWED_CLIENT_HOSTS": ["shop.cqpost.test"],
        "PUBLIC_URL": "https://shop.cqpost.test",
        "O2O_SANDBOX_ALLOWED": False,
        "SANDBOX_URL": "",
        "PLUGINS": [],
        "CELERY_TASK_ALWAYS_EAGER": False,
        "CELERY_BROKER_URL": "redis://broker:6379/0",
        "GRAPHQL_JWT": {"JWT_VERIFY_EXPIRATION": True},
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "O2O_FIELD_KEYS": [keys["O2O_FIELD_KEYS"]],
        "O2O_BLIND_INDEX_KEY": keys["O2O_BLIND_INDEX_KEY"],
    }
    assert settings_problems(safe) == []

    # when
    problems = settings_problems({**safe, **change})

    # then
    assert len(problems) == 1
    assert told in problems[0]


def test_fresh_keys_differ_and_fit() -> None:
    # when
    first, second = fresh_keys(), fresh_keys()

    # then
    assert set(first) == {"SECRET_KEY", "O2O_FIELD_KEYS", "O2O_BLIND_INDEX_KEY"}
    assert all(first[name] != second[name] for name in first)


def test_keys_command_prints_what_production_asks_for(capsys: pytest.CaptureFixture[str]) -> None:
    # when
    from django.core.management import call_command

    call_command("o2o_keys")

    # then
    lines = dict(line.split("=", 1) for line in capsys.readouterr().out.split())
    assert environment_problems({**ADDRESSES, **lines}) == []
