"""localstripe: started at the first call, asked over HTTP, stopped with the sandbox. GPL, so never imported."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from sandbox.process import free_port

STARTS_WITHIN = 30.0
CONFINE = Path(__file__).with_name("confine.py")


class EngineDown(Exception):
    """localstripe did not come up."""


class Engine:
    """One localstripe process on a free port of 127.0.0.1; its memory is a file in `directory`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self._client: httpx.AsyncClient | None = None
        self._starting = asyncio.Lock()

    async def ask(
        self, method: str, path: str, fields: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """One call of its API: status and JSON. Starts the process where none runs. Raises EngineDown."""
        client = await self._running()
        request = {"params": fields} if method == "GET" else {"data": fields or {}}
        try:
            answer = await client.request(method, path, **request)
            found: dict[str, Any] = answer.json() if answer.content else {}
        except (httpx.HTTPError, ValueError) as error:
            raise EngineDown(str(error)) from error
        return answer.status_code, found

    async def flush(self) -> None:
        """Forget everything, if it runs at all; what it kept on disk goes, too."""
        (self._directory / "localstripe.pickle").unlink(missing_ok=True)
        if self._process is not None and self._process.poll() is None:
            client = await self._running()
            await client.request("DELETE", "/_config/data")

    async def stop(self) -> None:
        """End the process."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, 5)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)

    async def _running(self) -> httpx.AsyncClient:
        async with self._starting:
            if self._client is not None and self._process is not None and self._process.poll() is None:
                return self._client
            await self.stop()
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            port = free_port()
            command = [
                sys.executable,
                "-P",
                str(CONFINE),
                str(self._directory),
                "localstripe",
                "--port",
                str(port),
            ]
            log = (self._directory / "localstripe.log").open("ab")
            with log:
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter; returns at once
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=_environment(),
                )
            self._client = httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}",
                headers={"Authorization": "Bearer sk_test_behind_the_layer"},
                timeout=20,
                trust_env=False,
            )
            await self._wait(self._process, self._client)
            return self._client

    @staticmethod
    async def _wait(process: subprocess.Popen[bytes], client: httpx.AsyncClient) -> None:
        for _ in range(int(STARTS_WITHIN / 0.1)):
            if process.poll() is not None:
                raise EngineDown(f"localstripe ended with code {process.returncode}")
            with suppress(httpx.HTTPError):
                if (await client.get("/v1/payment_intents")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
        raise EngineDown("localstripe did not answer")


def _environment() -> dict[str, str]:
    """Nothing of ours: no keys, no addresses."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TZ") if name in os.environ}
