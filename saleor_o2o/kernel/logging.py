"""Log records carry the request id and never a phone, an ID number or a secret."""

from __future__ import annotations

import logging

from .redaction import redact, redact_text
from .request import current

_STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {
    "message",
    "asctime",
    "taskName",
    "request_id",
}
_plain = logging.Formatter()


class RequestFilter(logging.Filter):
    """Adds `request_id` and redacts the record in place. Put it on handlers: loggers' filters miss children.

    The message is formatted here, so handlers after it see the final text and no arguments.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current().request_id or "-"
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            # Left as it is: the handler reports a wrong format with the place it came from.
            return True
        record.msg, record.args = redact_text(message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = _plain.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact_text(record.exc_text)
        if record.stack_info:
            record.stack_info = redact_text(record.stack_info)
        for name, value in list(record.__dict__.items()):
            if name not in _STANDARD:
                record.__dict__[name] = redact(value, name)
        return True
