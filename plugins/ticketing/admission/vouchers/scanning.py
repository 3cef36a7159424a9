"""What a gate, a clerk or a device asks about a voucher, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..models import Scan
from .choices import Answer, Direction, Way


@dataclass(frozen=True, slots=True)
class Asked:
    """What was scanned or typed. `number` is the asker's own. `people`: None for all that are left.

    `phone`: the last four digits, with the last six of the code as `text`. `document`: the number of the paper that was
    shown with a code; `looked`: a person compared it. `session`: for which session is being let in now.
    """

    number: str
    text: str
    way: Way | None = None
    people: int | None = None
    direction: Direction = Direction.IN
    phone: str = ""
    document: str = field(default="", repr=False)
    looked: bool = False
    session: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """The answer, as it is told and kept: what it is about, how many came in, how many may still come."""

    answer: Answer
    words: str
    hint: str = ""
    voucher: str = ""
    title: str = ""
    admitted: int = 0
    left: int = 0
    scan: int | None = None
    at: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "answer": str(self.answer), "words": self.words, "hint": self.hint, "voucher": self.voucher,
            "title": self.title, "admitted": self.admitted, "left": self.left, "at": self.at,
        }  # fmt: skip

    @classmethod
    def from_scan(cls, scan: Scan) -> Said:
        """What was said."""
        kept = {key: value for key, value in scan.said.items() if key not in {"asked", "new"}}
        return cls(**{**kept, "answer": Answer(kept["answer"])}, scan=scan.pk)

    @property
    def passed(self) -> bool:
        return self.answer == Answer.PASSED
