"""The line between the sandbox and the platform: pushes arrive here and are handed to Django in the test's own thread.

So the test's transaction sees them, and what would run after the commit runs at once.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from django.test import Client

from sandbox.client import SandboxClient, SandboxRefused


class Line:
    """A listening port, and the pushes that came over it: path with query, body, status of the answer, its text."""

    def __init__(self, control: SandboxClient) -> None:
        self.control = control
        self.heard: list[tuple[str, bytes, int, str]] = []
        self._waiting: queue.Queue[tuple[str, str, bytes, queue.Queue[Any]]] = queue.Queue()
        line = self

        class Handler(BaseHTTPRequestHandler):
            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                back: queue.Queue[Any] = queue.Queue()
                line._waiting.put((self.command, self.path, body, back))
                status, text, kind = back.get(timeout=20)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = _pass_on

            def log_message(self, *_: Any) -> None:
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def warm(self) -> None:
        """Let Django load its addresses before somebody waits five seconds for them."""
        Client().get("/hooks/official_account/nobody")

    def connect(self, hook: str, **more: Any) -> None:
        """Save our address at the console; on a busy machine the greeting may miss its five seconds."""
        for left in (2, 1, 0):
            try:
                self.does("server", url=f"{self.url}{hook}", **more)
                return
            except SandboxRefused:
                if not left:
                    raise

    def during(self, act: Callable[[], Any]) -> Any:
        """Do something at the sandbox in a thread, and serve here what it sends meanwhile. Its result, or its error."""
        found: dict[str, Any] = {}

        def run() -> None:
            try:
                found["result"] = act()
            except Exception as error:  # noqa: BLE001 - raised again below
                found["error"] = error

        thread = threading.Thread(target=run)
        thread.start()
        while thread.is_alive() or not self._waiting.empty():
            try:
                method, path, body, back = self._waiting.get(timeout=0.02)
            except queue.Empty:
                continue
            back.put(self._handed_on(method, path, body))
        thread.join()
        if "error" in found:
            raise found["error"]
        return found["result"]

    def does(self, what: str, **body: Any) -> dict[str, Any]:
        """A person does something: a control call below /official_account."""
        return self.during(lambda: self.control.call("POST", f"/official_account/{what}", body))

    def messages(self, **whose: str) -> list[dict[str, Any]]:
        """The talk, the oldest first."""
        return self.control.call("GET", "/official_account/messages", **whose)["messages"]

    def said(self, **whose: str) -> list[str]:
        """What the account said, as the telephone shows it."""
        return [one.get("title") or one["text"] for one in self.messages(**whose) if one["side"] == "account"]

    def _handed_on(self, method: str, path: str, body: bytes) -> tuple[int, bytes, str]:
        # the handler would close the test's connection
        request_started.disconnect(close_old_connections)
        request_finished.disconnect(close_old_connections)
        before = len(connection.run_on_commit)
        try:
            answer = Client().generic(method, path, body, content_type="text/xml")
        finally:
            request_started.connect(close_old_connections)
            request_finished.connect(close_old_connections)
        self._after_commit(before)
        self.heard.append((path, body, answer.status_code, answer.content.decode()))
        return answer.status_code, answer.content, answer["Content-Type"]

    def _after_commit(self, before: int) -> None:
        """What a request left for after its commit; the test's transaction never has one."""
        if not connection.in_atomic_block:
            return
        while len(connection.run_on_commit) > before:
            _sids, work, robust = connection.run_on_commit.pop(before)
            with transaction.atomic():
                if robust:
                    try:
                        work()
                    except Exception as error:
                        raise AssertionError("work after the commit failed") from error
                else:
                    work()
