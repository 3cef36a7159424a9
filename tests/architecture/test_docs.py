"""The documentation speaks of things that exist: commands, variables, links, examples, logins."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from saleor_o2o.cli.main import COMMANDS

from .sources import ROOT, tracked_files

READMES = ("README.md", "README.zh-CN.md")
DOCS = sorted(
    str(path)
    for path in tracked_files()
    if path.suffix == ".md" and (path.parts[0] == "docs" or str(path) in (*READMES, "CHANGELOG.md"))
)
DECISIONS = [name for name in DOCS if re.search(r"decisions/\d{4}-", name)]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_readmes_tell_every_command(readme: str, command: str) -> None:
    # then
    assert f"./o2o {command}" in text_of(readme)


@pytest.mark.parametrize("name", DOCS)
def test_commands_exist(name: str) -> None:
    # when
    text = text_of(name)
    commands = set(re.findall(r"\./o2o ([a-z][a-z0-9]*)", text))
    managed = set(re.findall(r"\./o2o manage ([a-z_0-9]+)", text))

    # then
    assert commands - COMMANDS.keys() == set()
    assert managed - get_commands().keys() == set()


@pytest.mark.parametrize("name", DOCS)
def test_links_lead_somewhere(name: str) -> None:
    # when
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text_of(name))
    missing = [
        link
        for link in links
        if "://" not in link and not (ROOT / Path(name).parent / link).resolve().exists()
    ]

    # then
    assert missing == []


@pytest.mark.parametrize("name", DOCS)
def test_files_named_in_code_marks_exist(name: str) -> None:
    # when: paths from the root of the project, such as `saleor_o2o/checks.py`
    named = re.findall(r"`((?:saleor_o2o|plugins|settings|sandbox|tests|deploy)/[\w./-]+)`", text_of(name))
    made_up = {"plugins/tours/plugin.py", "tests/settings.py"}  # an example; a file of Saleor's own suite

    # then
    assert [path for path in named if path not in made_up and not (ROOT / path).exists()] == []


def test_every_variable_that_settings_read_is_documented() -> None:
    # given
    read = set()
    for name in ("base", "production"):
        read |= set(re.findall(r"env\.\w+\(\s*\"([A-Z0-9_]+)\"", text_of(f"settings/{name}.py")))
    told_elsewhere = {"O2O_SANDBOX_URL", "SANDBOX_DIR", "TIME_ZONE", "LANGUAGE_CODE", "JWT_VERIFY_EXPIRATION"}

    # then
    assert len(read) > 20
    documented = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", text_of("docs/operations.md")))
    assert read - told_elsewhere - documented == set()


def test_documented_variables_exist() -> None:
    # given
    import saleor.settings

    texts = [Path(saleor.settings.__file__).read_text(encoding="utf-8")]
    texts += [(ROOT / path).read_text(encoding="utf-8") for path in tracked_files() if path.suffix == ".py"]
    known = set(re.findall(r"[A-Z][A-Z0-9_]{2,}", "\n".join(texts)))

    # when
    table = re.search(r"## Configuration\n(.+?)\n## ", text_of("docs/operations.md"), re.DOTALL)
    assert table is not None
    names = {
        name
        for row in re.findall(r"^\| (`[A-Z].*?) \|", table[1], re.MULTILINE)
        for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row)
    }

    # then
    assert len(names) > 30
    assert names - known - {"GOOGLE_APPLICATION_CREDENTIALS"} == set()


def test_examples_are_valid_operations() -> None:
    # given
    from graphql import parse, validate

    from saleor_o2o.graphql.schema import schema

    examples = re.findall(r"```graphql\n(.+?)```", text_of("docs/api.md"), re.DOTALL)
    assert len(examples) == 12

    for example in examples:
        for operation in re.split(r"\n(?=(?:mutation|query) )", example.strip()):
            # then
            assert validate(schema, parse(operation)) == [], operation


def test_error_codes_of_paying_exist() -> None:
    # given
    from saleor_o2o.cashier.error_codes import CashierErrorCode
    from saleor_o2o.graphql.errors import GraphqlErrorCode

    text = text_of("docs/api.md")

    # then
    assert [code.value for code in GraphqlErrorCode if f"`{code.value}`" not in text] == []
    paying = {
        "NOT_FOUND", "ALREADY_PAID", "PAYMENT_CLOSED", "METHOD_NOT_OFFERED", "PAYER_REQUIRED",
        "PROVIDER_UNREACHABLE", "PROVIDER_REFUSED", "NOT_CONFIGURED",
    }  # fmt: skip
    assert paying <= {code.value for code in CashierErrorCode}
    assert [code for code in paying if f"`{code}`" not in text] == []


def test_limits_are_the_real_ones() -> None:
    # given
    from django.conf import settings

    text = text_of("docs/api.md")

    # then
    assert f"| depth of an operation | {settings.O2O_GRAPHQL['MAX_DEPTH']} |" in text
    assert f"| cost of an operation | {settings.O2O_GRAPHQL['MAX_COST']} |" in text
    assert f"| operations in a batch | {settings.O2O_GRAPHQL['MAX_BATCH']} |" in text


@pytest.mark.parametrize("readme", READMES)
def test_logins_are_the_seeded_ones(readme: str) -> None:
    # given
    from saleor_o2o.seeding.people import PEOPLE

    text = text_of(readme)

    # then
    assert [
        one.email for one in PEOPLE if f"`{one.email}`" not in text or f"`{one.password}`" not in text
    ] == []


def test_scheduled_intervals_are_the_real_ones() -> None:
    # given
    from django.conf import settings

    words = {3600: "1 h"}
    text = text_of("docs/operations.md")

    # then
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        every = words.get(entry["schedule"], f"{entry['schedule']} s")
        assert f"| `{name}` | {every} |" in text


@pytest.mark.parametrize("name", DECISIONS)
def test_decisions_have_their_form(name: str) -> None:
    # given
    text = text_of(name)

    # then
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Context", "Decision", "Why", "Cost of the alternative"]
    number = Path(name).name[:4]
    assert text.startswith(f"# {number}. ")
    assert f"]({Path(name).name})" in text_of("docs/decisions/README.md")
    assert text.count("\n") < 80


def test_decisions_are_numbered_once() -> None:
    # given: a number is taken before the page is written, so some may be missing for a while
    numbers = [Path(name).name[:4] for name in DECISIONS]

    # then
    assert numbers == sorted(set(numbers))
    assert numbers[:18] == [f"{number:04}" for number in range(1, 19)]
