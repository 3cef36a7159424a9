"""Where a server of a laptop keeps its data, its log, and what is drawn once for it: its port and its passwords."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import EmbeddedError
from .paths import write_private


@dataclass(frozen=True)
class Server:
    """A server in `var/<name>`; its port and passwords are in `var/<name>.json` (private)."""

    var: Path
    name: str
    volatile: bool = False

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.var / self.name

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.var / "log" / f"{self.name}.log"

    @property
    def state_file(self) -> Path:
        """Where port and passwords are kept."""
        return self.var / f"{self.name}.json"

    def state(self) -> dict[str, Any]:
        """Read port and passwords; empty when the server was never started. Raises EmbeddedError."""
        try:
            loaded: dict[str, Any] = json.loads(self.state_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (PermissionError, ValueError) as error:
            raise EmbeddedError(f"无法读取 {self.state_file}:{error}") from error
        return loaded

    def keep(self, state: dict[str, Any]) -> None:
        """Write port and passwords, for nobody else to read."""
        write_private(self.state_file, json.dumps(state))
