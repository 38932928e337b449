"""What the processes write down: one line an event, without secrets, whoever writes it. And what is only counted.

The cleaning is a record factory, because filters miss the handlers of other loggers and some handlers ask no
formatter: whatever prints a record, it is already clean.
"""

import logging
import logging.config
import re
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from portal_app.environment import environment

# Counted instead of logged: what somebody could otherwise write into the log as often as he likes.
COUNTS: Counter[str] = Counter()

_LONGEST = 6_000
_SECRET_NAME = re.compile(r"(?i)cookie|authorization|token|secret|password|signature|payload")
_CARD = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")
_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Names with their values, as they stand in dicts, headers and queries.
    (
        re.compile(
            r"(?i)(['\"]?\b(?:(?:set-)?cookie|(?:proxy-)?authorization|x-auth-request-access-token|stripe-signature|"
            r"(?:\w+_)?(?:token|secret|password|signature)|code)\b['\"]?\s*[:=]\s*)"
            r"(b?'[^']*'|b?\"[^\"]*\"|[^\s,;&})\]]+)"
        ),
        r"\1[redacted]",
    ),
    (re.compile(r"(['\"]?\bpayload['\"]?\s*[:=]\s*)\{.*", re.S | re.I), r"\1[redacted]"),
    (
        re.compile(r"(Event data: |but received |deserialize event data: |with value |input_value=).*", re.S),
        r"\1[redacted]",
    ),
    # Reflex names its tasks, and a lost client, after the tab's token.
    (re.compile(r"(reflex_event\|[^|]{0,300}\||reflex_disconnect_token\|)[^|]{0,300}"), r"\1[redacted]"),
    (re.compile(r"(disconnected client )'[^']*'"), r"\1[redacted]"),
    (re.compile(r"\b((?:sk|rk|pk)_(?:live|test)_|whsec_)\w+"), r"\1[redacted]"),
    (re.compile(r"\b((?:pi|seti|src|cs)_\w+_secret_)\w+"), r"\1[redacted]"),
    (re.compile(r"(/(?:enter|p|share|unsubscribe)/)[\w.~-]{8,}"), r"\1[redacted]"),
    (re.compile(r"(?i)\bbearer\s+[\w.~+/=-]+"), "Bearer [redacted]"),
    (re.compile(r"\b(\w+://)[^/\s:@]*:[^/\s@]*@"), r"\1[redacted]@"),
    (re.compile(r"(?i)(?<![\w.+%-])[\w.+%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+"), "[address]"),
)
_make_record = logging.LogRecord


def count(what: str, by: int = 1) -> None:
    """Remember that something happened, by name; `/metrics` shows the sums."""
    COUNTS[what] += by


def redact(text: str) -> str:
    """`text` without secrets, addresses and card numbers, and not longer than a log can bear."""
    text = text[: 2 * _LONGEST]  # before the patterns, whose time grows with it
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    text = _CARD.sub(_hide_card, text)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _hide_card(found: re.Match[str]) -> str:
    digits = [int(character) for character in found[0] if character.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return "[number]" if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 else found[0]


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "[redacted]" if _SECRET_NAME.search(str(key)) else _clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(one) for one in value]
    return value if value is None or isinstance(value, bool | int | float) else redact(str(value))


def _clean_record(*arguments: Any, **keywords: Any) -> logging.LogRecord:
    record = _make_record(*arguments, **keywords)
    if isinstance(record.msg, dict):  # one of structlog's, cleaned by `_clean_event`
        return record
    try:
        text = record.getMessage()
    except (TypeError, ValueError, KeyError):
        text = f"{record.msg} (with arguments that do not fit)"
    if record.exc_info and record.exc_info[0] is not None:
        text += "\n" + "".join(traceback.format_exception(*record.exc_info))
    record.msg, record.args, record.exc_info, record.exc_text = redact(text), (), None, None
    return record


def _clean_event(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return _clean({name: value for name, value in event.items() if not name.startswith("_")}) | {
        name: value for name, value in event.items() if name.startswith("_")
    }


_SHARED: tuple[structlog.typing.Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


# For granian's `--log-config`: what its supervisor says, in the same form.
SERVER_LOGS = Path(__file__).with_name("server_logs.json")


def formatter(is_json: bool | None = None) -> logging.Formatter:
    """One line an event: JSON in production, aligned words where a person watches."""
    is_json = environment().is_production if is_json is None else is_json
    shown: list[Callable[..., Any]] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    shown.append(
        structlog.processors.JSONRenderer() if is_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=list(_SHARED), processors=shown)


def configure(*, is_json: bool, level: str = "INFO") -> None:
    """Set up logging for this process; again changes nothing."""
    logging.setLogRecordFactory(_clean_record)
    structlog.configure(
        processors=[
            *_SHARED,
            structlog.processors.format_exc_info,
            _clean_event,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(is_json))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # The server's own loggers print for themselves; here they say it our way.
    for name in ("_granian", "granian.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    for name in ("httpx", "httpcore", "stripe", "fontTools", "fpdf", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # What a client sends wrong, they answer with a traceback each; our own hooks log what is ours.
    for name in ("engineio", "socketio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def log() -> structlog.stdlib.BoundLogger:
    """The logger for our own modules: `log().info("invoice.made", invoice_id=…)`."""
    return structlog.stdlib.get_logger("portal")
