"""What a journey acts with: people with devices, the outside world, and a voice that tells the story."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from saleor_o2o.kernel.tls import verified
from sandbox.client import SandboxClient, SandboxRefused

LOGIN = """mutation($email: String!, $password: String!) { tokenCreate(email: $email, password: $password) {
  token errors { message } } }"""


class Differs(AssertionError):
    """Something is not as the story says; the journey ends here and the command exits with 1."""


@dataclass
class World:
    """One journey's view of a platform: its address, the sandbox, and the seeded people's logins."""

    base_url: str
    sandbox: SandboxClient
    var: Path
    say: Callable[[str], None]
    steps: int = 0
    http: httpx.Client = field(init=False)
    _tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.base_url, timeout=30, trust_env=False, verify=verified())

    # -- telling ----------------------------------------------------------------------

    def step(self, text: str) -> None:
        """Tell the next step."""
        self.steps += 1
        self.say(f"  {self.steps:>2}. {text}")

    def expect(self, what: str, actual: Any, expected: Any) -> None:
        """Raise :class:`Differs` unless ``actual`` equals ``expected``."""
        if actual != expected:
            raise Differs(f"{what}：应为 {expected!r}，实际 {actual!r}")

    def wait_for(
        self, what: str, check: Callable[[], Any], *, seconds: float = 60.0, every: float = 0.2
    ) -> Any:
        """Ask again until ``check`` gives something true; raises :class:`Differs` after ``seconds``.

        ``every``: seconds between two questions; longer where the platform lets nobody ask as often.
        """
        deadline = time.monotonic() + seconds
        while True:
            found = check()
            if found:
                return found
            if time.monotonic() > deadline:
                raise Differs(f"等了 {seconds:.0f} 秒，仍未{what}")
            time.sleep(every)

    # -- acting -------------------------------------------------------------------------

    def ask(
        self, query: str, variables: dict[str, Any] | None = None, *, who: str = "", retry: bool = False
    ) -> dict[str, Any]:
        """One GraphQL operation as a seeded person (``who``) or as nobody; its data.

        ``retry`` asks once more when the connection breaks: for operations that may be repeated.
        """
        headers = {"Authorization": f"JWT {self.token(who)}"} if who else {}
        body = {"query": query, "variables": variables or {}}
        try:
            response = self.http.post("/graphql/", json=body, headers=headers)
        except httpx.TransportError:
            if not retry:
                raise
            response = self.http.post("/graphql/", json=body, headers=headers)
        answer = response.json()
        if "errors" in answer:
            raise Differs(f"接口报错：{json.dumps(answer['errors'], ensure_ascii=False)[:600]}")
        data: dict[str, Any] = answer["data"]
        return data

    def token(self, who: str) -> str:
        """The JWT of a seeded person; logs in at the first call."""
        if who not in self._tokens:
            person = self.login(who)
            self.log_in(who, person["login"], person["password"])
        return self._tokens[who]

    def log_in(self, who: str, login: str, password: str) -> None:
        """Log somebody in who may then be named in `ask`."""
        made = self.ask(LOGIN, {"email": login, "password": password})["tokenCreate"]
        if not made["token"]:
            raise Differs(f"{who} 无法登录：{made['errors']}")
        self._tokens[who] = made["token"]

    def login(self, who: str) -> dict[str, str]:
        """A seeded person's `login` and `password`."""
        logins = {one["who"]: one for one in json.loads((self.var / "demo-logins.json").read_text())}
        person: dict[str, str] = logins[who]
        return person

    def browser(self) -> httpx.Client:
        """A browser of its own, with its cookies, that follows redirects; the caller closes it."""
        return httpx.Client(
            base_url=self.base_url, timeout=30, trust_env=False, verify=verified(), follow_redirects=True
        )

    def let_refund_arrive(self, number: str) -> None:
        """The money is back now, unless it is already: on a slow machine the sandbox's own clock is quicker."""
        try:
            self.sandbox.finish_refund(number)
        except SandboxRefused as late:
            if late.code != "WRONG_STATE":
                raise

    def clean_up(self) -> None:
        """Leave the sandbox without faults and close the connections."""
        with suppress(httpx.HTTPError):
            self.sandbox.clear_faults()
        self.http.close()
