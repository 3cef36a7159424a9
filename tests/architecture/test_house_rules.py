"""House rules that a linter does not know, asked of the syntax tree."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from .sources import PACKAGES, ROOT, imports_of, name_of, python_files, tracked_files, tree_of

HTTP_CLIENTS = ("requests", "httpx", "aiohttp", "urllib.request", "http.client")
#: Who may speak HTTP to others, and why.
HTTP_ADAPTERS = {
    "plugins/members/realname_http.py": "the adapter of the register of persons",
    "plugins/members/sms_http.py": "the adapter of the gateway of text messages",
    "plugins/official_account/client.py": "the adapter of WeChat's official accounts, through their library",
    "plugins/service_map/amap.py": "the adapter of 高德",
    "plugins/stripe_pay/wire.py": "the adapter of Stripe's library, whose errors are those of requests",
    "plugins/ticketing/coach/suppliers/speaking.py": "the adapters of the two coach networks",
    "plugins/ticketing/admission/suppliers/wire.py": "the adapter of the distributor of scenic tickets",
    "plugins/ticketing/distribution/downstream/services/sending.py": "sends notices to resellers",
    "plugins/ticketing/admission/journeys/race.py": "plays a thousand buyers at once against the platform",
    "plugins/wechat_pay/client.py": "the adapter of WeChat Pay's library",
    "plugins/ticketing/kernel/insurer_http.py": "the adapter of the insurer of tickets",
    "saleor_o2o/cli/processes.py": "asks its own child processes whether they are ready",
    "saleor_o2o/journeys/killing/house.py": "plays the shopper and the clerk against processes that die",
    "saleor_o2o/journeys/killing/points.py": "stands before and behind the calls of WeChat Pay's library",
    "saleor_o2o/journeys/world.py": "plays a browser against the platform",
    "saleor_o2o/kernel/tls.py": "makes the TLS context that all adapters share; calls nobody",
}
#: Domain modules that may name GraphQL, and why.
GRAPHQL_IMPORTS = {
    "saleor_o2o/ordering/allocation.py": "puts the locking function where stock's mutation looks it up",
}
#: Layers that are about GraphQL or adapt stock's.
GRAPHQL_LAYERS = (
    "saleor_o2o/graphql/",
    "saleor_o2o/compat/",
    "saleor_o2o/urls.py",
    "saleor_o2o/management/commands/o2o_schema.py",
)
GETTEXT = frozenset({"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext"})
MAX_LINES = 600


def test_only_adapters_speak_http() -> None:
    # when
    found = {
        str(path)
        for path in python_files("saleor_o2o", "plugins", "settings")
        for _line, name in imports_of(path)
        if any(name == client or name.startswith(f"{client}.") for client in HTTP_CLIENTS)
    }

    # then: nobody else does, and nobody is excused who need not be
    assert found - HTTP_ADAPTERS.keys() == set()
    assert {path for path in HTTP_ADAPTERS if (ROOT / path).exists()} - found == set()


def test_a_report_of_a_unit_is_of_those_below_it_too() -> None:
    """The field of every report says so; `below` is how."""
    # when
    found = {
        f"{path}:{node.lineno}"
        for path in python_files(*PACKAGES)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.keyword)
        and (node.arg or "").endswith("unit__code")
        and 'asked["unit"]' in ast.unparse(node.value).replace("'", '"')
    }

    # then
    assert found == set()


def test_texts_are_translated_before_values_are_put_in() -> None:
    # when
    found = [
        f"{path}:{node.lineno}"
        for path in python_files(*PACKAGES)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and name_of(node.func).rsplit(".", 1)[-1] in GETTEXT
        and any(_is_computed(argument) for argument in node.args)
    ]

    # then
    assert found == []


def _is_computed(node: ast.expr) -> bool:
    formats = (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    )
    return isinstance(node, ast.JoinedStr | ast.BinOp) or formats


def _graphql_files() -> list[Path]:
    return [path for path in python_files("saleor_o2o", "plugins") if "graphql" in path.parts[:-1]]


def test_resolvers_fetch_through_a_gate() -> None:
    # when
    found = [
        f"{path}:{node.lineno}"
        for path in _graphql_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and (
            re.search(r"(^|\.)(objects|_base_manager|_default_manager)\.get$", name_of(node.func))
            or name_of(node.func).endswith("get_object_or_404")
        )
    ]

    # then
    assert found == []


def test_domain_code_does_not_know_graphql() -> None:
    # when
    found = set()
    for path in python_files("saleor_o2o", "plugins"):
        if "graphql" in path.parts[:-1] or str(path).startswith(GRAPHQL_LAYERS):
            continue
        for _line, name in imports_of(path):
            parts = name.split(".")
            if parts[0] in ("graphene", "graphene_django", "graphql") or "graphql" in parts:
                found.add(str(path))

    # then
    assert found - GRAPHQL_IMPORTS.keys() == set()
    assert GRAPHQL_IMPORTS.keys() - found == set()


def _mutations(path: Path) -> list[ast.ClassDef]:
    return [
        node
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef)
        and any(
            isinstance(part, ast.FunctionDef) and part.name in ("mutate", "perform_mutation")
            for part in node.body
        )
    ]


def test_one_mutation_per_file_named_after_it() -> None:
    # given
    files = [path for path in _graphql_files() if _mutations(path)]
    assert Path("saleor_o2o/cashier/graphql/mutations/payment_start.py") in files

    for path in files:
        # then
        names = [node.name for node in _mutations(path)]
        snake = [re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in names]
        assert snake == [path.stem], path
        replaces_stock = any(name.startswith("saleor.graphql") for _line, name in imports_of(path))
        assert path.parts[-2] == "mutations" or replaces_stock, path


@pytest.mark.parametrize("package", PACKAGES)
def test_files_are_short(package: str) -> None:
    # when
    found = {
        str(path): lines
        for path in tracked_files()
        if path.suffix == ".py"
        and path.parts[0] == package
        and "migrations" not in path.parts  # written by makemigrations
        and (lines := (ROOT / path).read_text(encoding="utf-8").count("\n")) >= MAX_LINES
    }

    # then
    assert found == {}


def test_test_files_are_short() -> None:
    # when
    found = {
        str(path)
        for path in tracked_files()
        if path.suffix == ".py"
        and path.parts[0] in ("tests", "benchmarks")
        and (ROOT / path).read_text(encoding="utf-8").count("\n") >= MAX_LINES
    }

    # then
    assert found == set()


def test_every_module_says_what_it_is_for() -> None:
    # when
    found = [
        str(path)
        for path in python_files(*PACKAGES)
        if (ROOT / path).read_text(encoding="utf-8").strip() and not ast.get_docstring(tree_of(path))
    ]

    # then
    assert found == []


def test_rules_can_fail() -> None:
    # given: the patterns the rules look for
    formatted = ast.parse('_(f"{name} 已删除")').body[0]
    percent = ast.parse('_("%s 已删除" % name)').body[0]
    plain = ast.parse('_("已删除")').body[0]

    # then
    assert isinstance(formatted, ast.Expr) and isinstance(percent, ast.Expr) and isinstance(plain, ast.Expr)
    assert isinstance(formatted.value, ast.Call) and _is_computed(formatted.value.args[0])
    assert isinstance(percent.value, ast.Call) and _is_computed(percent.value.args[0])
    assert isinstance(plain.value, ast.Call) and not _is_computed(plain.value.args[0])
