"""The deployment files, as far as a machine without a container engine can check them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from saleor_o2o.checks import REQUIRED

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))
OURS = ("sandbox", "prepare", "web", "worker", "beat")
PINNED = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9.]+)*\Z")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def manifests() -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted((ROOT / "deploy/kubernetes").glob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            found[path.stem] = document
    return found


MANIFESTS = manifests()
WORKLOADS = {name: item for name, item in MANIFESTS.items() if item["kind"] in ("Deployment", "Job")}


def pod_of(workload: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = workload["spec"]["template"]["spec"]
    return spec


def known_names() -> set[str]:
    """Every environment variable that our code or stock Saleor's settings read."""
    import saleor.settings

    texts = [Path(saleor.settings.__file__).read_text(encoding="utf-8"), DOCKERFILE]
    for package in ("settings", "saleor_o2o", "sandbox", "deploy"):
        texts += [path.read_text(encoding="utf-8") for path in (ROOT / package).rglob("*.py")]
    return set(re.findall(r"[A-Z][A-Z0-9_]{2,}", "\n".join(texts)))


# -- compose -----------------------------------------------------------------------


def test_compose_has_every_part() -> None:
    # then
    assert set(COMPOSE["services"]) == {
        "db", "valkey", "sandbox", "prepare", "web", "worker", "beat", "stripe-mock", "dashboard", "storefront",
    }  # fmt: skip


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_compose_images_are_pinned(name: str) -> None:
    # then
    assert PINNED.match(COMPOSE["services"][name]["image"]), COMPOSE["services"][name]["image"]


@pytest.mark.parametrize("name", OURS)
def test_compose_names_existing_variables(name: str) -> None:
    # given
    environment = COMPOSE["services"][name]["environment"]

    # then
    assert set(environment) - known_names() == set()


@pytest.mark.parametrize("name", ["db", "valkey", "worker", "beat"])
def test_compose_services_are_watched(name: str) -> None:
    # then: web and sandbox are watched by the image's own check
    assert COMPOSE["services"][name]["healthcheck"]["test"]


def test_compose_order_and_network() -> None:
    # given
    services = COMPOSE["services"]

    # then: nothing of ours runs before the database is prepared; one network, one beat
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"] == {"prepare": {"condition": "service_completed_successfully"}}
    for service in services.values():
        assert ("networks" in service) != ("network_mode" in service)
    assert {name for name in services if "beat" in services[name].get("command", [])} == {"beat"}


def test_compose_ports_match_what_is_listened_to() -> None:
    # given
    services = COMPOSE["services"]
    published = {port.rsplit(":", 1)[1] for port in services["sandbox"]["ports"]}

    # then
    assert published == {"8100", "8000", "12111"}
    assert "8100" in services["sandbox"]["command"]
    assert services["sandbox"]["environment"]["PORT"] == "8100"
    assert "PORT=8000" in DOCKERFILE and "EXPOSE 8000" in DOCKERFILE
    assert services["web"]["environment"]["O2O_PUBLIC_URL"] == "http://127.0.0.1:8000"
    assert services["web"]["environment"]["O2O_SANDBOX_URL"] == "http://127.0.0.1:8100"


def test_compose_puts_the_imitation_of_stripe_where_it_may_be_used(settings: Any) -> None:
    # given: another Stripe than Stripe's must be on this machine, which is the network that web lives in
    from plugins.stripe_pay.configuration import address_allowed

    services = COMPOSE["services"]
    settings.O2O_SANDBOX_ALLOWED = True

    # then: its documented HTTP port is at web's 127.0.0.1; by its service's name it would be refused
    assert services["stripe-mock"]["network_mode"] == services["web"]["network_mode"] == "service:sandbox"
    assert services["worker"]["network_mode"] == "service:sandbox"
    assert "127.0.0.1:12111:12111" in services["sandbox"]["ports"]
    assert address_allowed("http://127.0.0.1:12111") and not address_allowed("http://stripe-mock:12111")


def test_compose_publishes_to_this_machine_only() -> None:
    # when
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]

    # then
    assert len(ports) == 5
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_compose_volumes_exist() -> None:
    # when
    used = {
        volume.split(":")[0]
        for service in COMPOSE["services"].values()
        for volume in service.get("volumes", [])
    }

    # then
    assert used == set(COMPOSE["volumes"])


# -- the image -----------------------------------------------------------------------


def test_image_is_built_from_the_lock_as_the_launcher_does() -> None:
    # given
    bootstrap = (ROOT / "saleor_o2o/cli/bootstrap.py").read_text(encoding="utf-8")

    # then
    for option in ("--no-deps", "--ignore-requires-python", "--require-hashes", "--no-input"):
        assert option in bootstrap
        assert option in DOCKERFILE
    assert "index-url" not in DOCKERFILE


def test_image_has_stages_a_user_and_a_health_check() -> None:
    # when
    stages = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    last = DOCKERFILE.rsplit("\nFROM ", 1)[1]

    # then
    assert len(stages) == 2
    assert all(PINNED.match(stage) for stage in stages)
    assert "\nUSER 10001:10001\n" in last
    assert last.index("\nUSER ") < last.index("\nCMD ")
    assert "HEALTHCHECK" in last


def test_image_copies_what_exists_and_is_not_ignored() -> None:
    # given
    kept = {
        line.removeprefix("!").rstrip("/")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }

    # when
    copied = []
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        copied += line.split()[:-1]

    # then
    assert len(copied) > 8
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert set(copied) - kept == set()
    assert kept - set(copied) == set()


# -- Kubernetes ------------------------------------------------------------------------


@pytest.mark.parametrize("name", WORKLOADS)
def test_pods_are_confined(name: str) -> None:
    # given
    pod = pod_of(WORKLOADS[name])

    # then
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        assert PINNED.match(container["image"])
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["volumes"]}


def test_pods_are_given_all_that_production_requires() -> None:
    # given
    config = MANIFESTS["configmap"]
    secret = MANIFESTS["secret.example"]

    # when
    given = set(config["data"]) | set(secret["stringData"])

    # then
    assert set(REQUIRED) - given == set()
    assert given - known_names() == set()
    assert set(config["data"]) & set(secret["stringData"]) == set()
    assert set(secret["stringData"].values()) == {""}
    for workload in WORKLOADS.values():
        for container in pod_of(workload)["containers"]:
            assert container["envFrom"] == [
                {"configMapRef": {"name": config["metadata"]["name"]}},
                {"secretRef": {"name": secret["metadata"]["name"]}},
            ]


def test_probes_ask_existing_addresses_under_an_allowed_name() -> None:
    # given
    from django.urls import resolve

    (container,) = pod_of(MANIFESTS["web"])["containers"]

    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = container[probe]["httpGet"]
        # then
        assert resolve(asked["path"]).func.__name__ == asked["path"].strip("/")
        assert asked["port"] == "http"
        assert asked["httpHeaders"] == [
            {"name": "Host", "value": MANIFESTS["configmap"]["data"]["ALLOWED_HOSTS"]}
        ]
    assert container["ports"] == [{"name": "http", "containerPort": 8000}]


def test_beat_is_alone() -> None:
    # then
    assert MANIFESTS["beat"]["spec"]["replicas"] == 1
    assert MANIFESTS["beat"]["spec"]["strategy"] == {"type": "Recreate"}


def test_selectors_and_references_meet() -> None:
    # given
    web = MANIFESTS["web"]
    labels = web["spec"]["template"]["metadata"]["labels"]

    # then
    for workload in WORKLOADS.values():
        if workload["kind"] == "Deployment":
            template = workload["spec"]["template"]["metadata"]["labels"]
            assert workload["spec"]["selector"]["matchLabels"].items() <= template.items()
    assert MANIFESTS["service"]["spec"]["selector"].items() <= labels.items()
    assert MANIFESTS["hpa"]["spec"]["scaleTargetRef"]["name"] == web["metadata"]["name"]
    for rule in MANIFESTS["ingress"]["spec"]["rules"]:
        for path in rule["http"]["paths"]:
            assert path["backend"]["service"]["name"] == MANIFESTS["service"]["metadata"]["name"]
    listed = set(MANIFESTS["kustomization"]["resources"])
    assert all((ROOT / "deploy/kubernetes" / name).exists() for name in listed)


def test_public_addresses_leave_out_the_inner_ones() -> None:
    # when
    paths = {path["path"] for rule in MANIFESTS["ingress"]["spec"]["rules"] for path in rule["http"]["paths"]}

    # then
    assert paths == {"/graphql/", "/hooks/", "/admin/", "/static/", "/feeds/", "/digital-download/"}


# -- the health check --------------------------------------------------------------------


class _Health(BaseHTTPRequestHandler):
    """Answers as the platform does: only under its own name."""

    def do_GET(self) -> None:
        named = self.headers["Host"] == "shop.example.com"
        self.send_response(200 if named and self.path == "/healthz" else 400)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), _Health) as found:
        Thread(target=found.serve_forever, args=(0.02,), daemon=True).start()
        yield found.server_port
        found.shutdown()


@pytest.mark.parametrize(
    ("hosts", "code"), [("shop.example.com,other.example.com", 0), ("other.example.com", 1), ("", 1)]
)
def test_health_check_asks_under_the_first_allowed_name(server: int, hosts: str, code: int) -> None:
    # when
    result = subprocess.run(
        [sys.executable, "-I", "deploy/healthcheck.py"],
        cwd=ROOT,
        env={"ALLOWED_HOSTS": hosts, "PORT": str(server)},
        capture_output=True,
        check=False,
    )

    # then
    assert result.returncode == code


def test_health_check_says_no_when_nobody_answers() -> None:
    # when
    result = subprocess.run(
        [sys.executable, "-I", "deploy/healthcheck.py"],
        cwd=ROOT,
        env={"PORT": "9"},
        capture_output=True,
        check=False,
    )

    # then
    assert result.returncode == 1
