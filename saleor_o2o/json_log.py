"""One JSON object per line, for log collectors. The record was cleaned by ``RequestFilter`` before it comes here."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    """Time (UTC, ISO 8601), level, logger, request id, message, and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "message": record.getMessage(),
            "process": record.process,
        }
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            line["traceback"] = record.exc_text
        text = json.dumps(line, ensure_ascii=False, default=str)
        # half a character (a client's lone surrogate) cannot be written: as an escape it can
        return text.encode("utf-8", "backslashreplace").decode("utf-8")
