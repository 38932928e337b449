"""Whatever is logged, by whomever: no secret, no address, no card number reaches the line."""

import io
import json
import logging

import pytest
import structlog

from portal_app.kit import logs


@pytest.fixture
def written():
    """Lines as they come out of the process's one handler."""
    root = logging.getLogger()
    handlers, factory, level = root.handlers, logging.getLogRecordFactory(), root.level
    logs.configure(is_json=True)
    stream = io.StringIO()
    root.handlers[0].setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers = handlers
    root.setLevel(level)
    logging.setLogRecordFactory(factory)
    structlog.reset_defaults()


SECRETS = [
    ("{'cookie': 'portal=abcdef0123456789; x=1'}", "abcdef0123456789"),
    ("Cookie: portal=abcdef0123456789", "abcdef0123456789"),
    ("Set-Cookie: portal=abcdef0123456789; HttpOnly", "abcdef0123456789"),
    ("Authorization: Bearer sk_live_abcdef", "sk_live_abcdef"),
    ("GET /_event/?token=8d0b-4f1e&EIO=4", "8d0b-4f1e"),
    ("'client_token': '8d0b4f1e'", "8d0b4f1e"),
    ('"password": "hunter2 and more"', "hunter2"),
    ("payload={'name': 'hunter2'}, router_data={}", "hunter2"),
    ("Error transforming event argument 'x' with value 'hunter2' and type hint", "hunter2"),
    ("input_value='hunter2', input_type=str", "hunter2"),
    ("reflex_event|portal.load|8d0b4f1e|123", "8d0b4f1e"),
    ("Attempting to send delta to disconnected client '8d0b4f1e'", "8d0b4f1e"),
    ("key sk_test_51Habcdef", "51Habcdef"),
    ("secret whsec_abcdef", "abcdef"),
    ("pi_3N_secret_abcdef", "abcdef"),
    ("GET /enter/Zm9vYmFyYmF6 200", "Zm9vYmFyYmF6"),
    ("GET /p/Zm9vYmFyYmF6 200", "Zm9vYmFyYmF6"),
    ("redis://default:hunter2@cache:6379/0", "hunter2"),
    ("card 4242 4242 4242 4242 declined", "4242"),
    ("card 5555-5555-5555-4444 declined", "4444"),
    ("for Ada.Example+billing@mail.example.co.uk now", "Ada.Example"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS, ids=[text[:30] for text, _ in SECRETS])
@pytest.mark.parametrize("logger", ["reflex.app", "stripe", "engineio.server", "portal_app.anything"])
def test_when_any_logger_writes_a_secret_then_it_is_gone(written, logger, text, secret):
    logging.getLogger(logger).critical("before %s after", text)

    (line,) = written()
    assert secret not in json.dumps(line)
    assert line["event"].startswith("before ")


def test_when_a_trace_holds_a_secret_then_the_trace_stays_and_the_secret_goes(written):
    try:
        raise ValueError("4242424242424242 for ada@example.com")
    except ValueError:
        logging.getLogger("x").exception("it failed")
        logs.log().exception("it failed too", customer_id="cus_ada")

    for line in written():
        assert "ValueError" in json.dumps(line)
        assert "4242" not in json.dumps(line)
        assert "ada@example.com" not in json.dumps(line)
    assert written()[1]["customer_id"] == "cus_ada"


def test_when_fields_are_named_like_secrets_then_their_values_are_not_written(written):
    logs.log().info("asked", access_token="abc", cookie="abc", nested={"password": "abc", "kept": 7}, number=5)

    (line,) = written()
    assert "abc" not in json.dumps(line)
    assert (line["nested"]["kept"], line["number"]) == (7, 5)


def test_when_numbers_are_no_cards_then_they_stay(written):
    logging.getLogger("x").warning("at 1732147200000 took 1234567890123456 ns")

    (line,) = written()
    assert line["event"] == "at 1732147200000 took 1234567890123456 ns"


def test_when_arguments_do_not_fit_then_the_line_is_written_all_the_same(written):
    logging.getLogger("x").warning("so many: %d", "cookie=abc")

    (line,) = written()
    assert line["event"].startswith("so many: %d")


def test_when_a_text_is_endless_then_the_line_is_not(written):
    logging.getLogger("x").warning("x" * 1_000_000)

    (line,) = written()
    assert len(line["event"]) < 7_000
