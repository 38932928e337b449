"""A mail goes to one person, by a server we can trust, once; whatever the server does."""

import logging
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from portal_app.environment import environment
from portal_app.models.journal import Email, Job
from portal_app.security.signing import key_for
from portal_app.services import configuration, mails, readiness, sign_in
from portal_app.services.sign_in import Asking
from portal_app.tasks import jobs, outbox
from portal_app.tasks.outbox import MailServer, NotTaken, mail_server
from tests.cast import ADA, let_in
from tests.letters import HOME_NETWORK, a_letter
from tests.mail_server import Sink, a_certificate, a_mail_server
from tests.world import drain

_email, _job = Email.__table__, Job.__table__
CANCELED = {
    "plan": "Pro",
    "number": "C-2026-0001",
    "received_at": datetime(2026, 11, 21, 20, 0, tzinfo=UTC),
    "access_until": datetime(2026, 12, 3, tzinfo=UTC),
    "undo_url": "http://localhost:3000/subscriptions/sub_1",
}


@pytest.fixture
def sink(monkeypatch):
    with a_mail_server(Sink()) as opened:
        use(monkeypatch, SMTP_URL=f"smtp://127.0.0.1:{opened.port}")
        yield opened


def use(monkeypatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    environment.cache_clear()


def a_queued_mail(desk, recipient: str = ADA.email, **context) -> str:
    with desk.transaction():
        return mails.queue(desk, "cancellation_confirmed", recipient, CANCELED | context, customer_id="cus_ada")


def state_of(desk, email_id: str):
    return desk.row(select(_email.c.state, _email.c.error).where(_email.c.id == email_id))


def test_when_a_mail_is_queued_then_the_worker_sends_it_to_one_person(desk, sink):
    email_id = a_queued_mail(desk)

    drain()

    assert state_of(desk, email_id) == ("sent", "")
    assert [one.rcpt_tos for one in sink.envelopes] == [[ADA.email]]
    message = sink.messages[0]
    assert (message["To"], message["Auto-Submitted"]) == (ADA.email, "auto-generated")
    assert "C-2026-0001" in message.get_body(("plain",)).get_content()
    assert "C-2026-0001" in message.get_body(("html",)).get_content()


def test_when_the_business_has_a_name_then_mails_come_from_it_and_answers_go_to_its_support(desk, sink, monkeypatch):
    use(monkeypatch, PORTAL_MAIL_FROM="billing@linnet.example")
    named = {"business_name": "Linnet, „GmbH“ <x@evil.example>", "support_email": "help@linnet.example"}
    configuration.publish(desk, named, seen_version=0)

    a_queued_mail(desk)
    drain()

    message = sink.messages[0]
    assert [address.addr_spec for address in message["From"].addresses] == ["billing@linnet.example"]
    assert [address.addr_spec for address in message["Reply-To"].addresses] == ["help@linnet.example"]
    assert message["From"].addresses[0].display_name == named["business_name"]
    assert message["Message-ID"].endswith("@linnet.example>")


def test_given_the_transaction_fails_when_a_mail_was_queued_in_it_then_none_goes_out(desk, sink):
    def change_and_fail():
        with desk.transaction():
            mails.queue(desk, "cancellation_confirmed", ADA.email, CANCELED)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    drain()

    assert sink.envelopes == []


def test_given_a_server_that_is_busy_when_it_recovers_then_the_same_mail_arrives(desk, sink):
    email_id = a_queued_mail(desk)
    sink.data = "451 4.3.0 try again later"
    with pytest.raises(NotTaken):
        outbox.send_email(desk, {"email_id": email_id})
    assert state_of(desk, email_id) == ("queued", "451 4.3.0 (SMTPDataError)")

    sink.data = "250 OK"
    outbox.send_email(desk, {"email_id": email_id})

    assert state_of(desk, email_id) == ("sent", "")
    assert len(sink.envelopes) == 1


def test_given_the_connection_breaks_after_the_mail_was_taken_when_it_is_sent_again_then_it_has_the_same_id(desk, sink):
    let_in(ADA)
    sink.breaks_after_data = 1
    sign_in.ask_for_link(desk, Asking("customer", ADA.email, HOME_NETWORK))
    job = jobs.claim("test")

    with pytest.raises(NotTaken):
        outbox.answer_sign_in(desk, job.payload)
    outbox.answer_sign_in(desk, job.payload)

    first, second = sink.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_body(("plain",)).get_content() == second.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("command", "answer"), [("rcpt", "550 5.1.1 {address} is unknown"), ("data", "554 5.7.1 spam")]
)
def test_when_the_server_refuses_a_mail_for_good_then_it_is_not_sent_again(desk, sink, command, answer, caplog):
    setattr(sink, command, answer)
    email_id = a_queued_mail(desk)

    drain()

    state, error = state_of(desk, email_id)
    assert state == "failed"
    assert error.startswith(answer[:9])
    assert ADA.email not in error
    assert ADA.email not in caplog.text
    assert desk.value(select(_job.c.state)) == "done"


def test_when_the_server_does_not_like_us_then_the_mail_waits_for_a_better_configuration(desk, sink, monkeypatch):
    use(monkeypatch, SMTP_URL=f"smtp://portal:wrong@127.0.0.1:{sink.port}")
    email_id = a_queued_mail(desk)

    with pytest.raises(NotTaken) as refusal:
        outbox.send_email(desk, {"email_id": email_id})

    assert not refusal.value.is_final
    assert state_of(desk, email_id).state == "queued"
    assert "wrong" not in refusal.value.reason


def test_given_nobody_listens_when_a_mail_is_sent_then_it_is_tried_again(desk, monkeypatch):
    use(monkeypatch, SMTP_URL="smtp://127.0.0.1:12228")
    email_id = a_queued_mail(desk)

    with pytest.raises(NotTaken):
        outbox.send_email(desk, {"email_id": email_id})

    assert state_of(desk, email_id).state == "queued"


def test_given_a_certificate_that_nobody_signed_when_a_mail_is_sent_then_it_stays_here(desk, monkeypatch, tmp_path):
    email_id = a_queued_mail(desk)
    with a_mail_server(Sink(), tls_context=a_certificate(tmp_path), require_starttls=True) as sink:
        monkeypatch.setattr(MailServer, "must_change_to_tls", True)
        use(monkeypatch, SMTP_URL=f"smtp://127.0.0.1:{sink.port}")

        with pytest.raises(NotTaken):
            outbox.send_email(desk, {"email_id": email_id})

        assert sink.envelopes == []


def test_given_somebody_cut_starttls_out_when_a_mail_is_sent_then_neither_it_nor_the_password_leaves(
    desk, sink, monkeypatch
):
    monkeypatch.setattr(MailServer, "must_change_to_tls", True)
    use(monkeypatch, SMTP_URL=f"smtp://portal:open%20sesame@127.0.0.1:{sink.port}")
    email_id = a_queued_mail(desk)

    with pytest.raises(NotTaken):
        outbox.send_email(desk, {"email_id": email_id})

    assert (sink.envelopes, sink.logins) == ([], [])


@pytest.mark.parametrize(
    ("url", "host", "port", "from_start", "changes"),
    [
        ("smtp://mail.example.com", "mail.example.com", 587, False, True),
        ("smtp://u:p%40ss@mail.example.com:2525", "mail.example.com", 2525, False, True),
        ("smtps://mail.example.com", "mail.example.com", 465, True, False),
        ("smtp://127.0.0.1:1025", "127.0.0.1", 1025, False, False),
        ("smtp://localhost:1025", "localhost", 1025, False, False),
        ("smtp://[::1]:1025", "::1", 1025, False, False),
        ("smtp://10.0.0.5", "10.0.0.5", 587, False, True),
    ],
)
def test_a_mail_server_is_spoken_to_by_tls_unless_it_is_on_this_machine(url, host, port, from_start, changes):
    server = mail_server(url)

    assert (server.host, server.port) == (host, port)
    assert (server.is_tls_from_start, server.must_change_to_tls) == (from_start, changes)


def test_a_password_may_hold_what_an_address_may_not():
    assert mail_server("smtp://u:p%40ss%2F@h.example").password == "p@ss/"
    assert mail_server("") is None
    for url in ("http://mail.example.com", "mail.example.com:25", "smtp://"):
        with pytest.raises(NotTaken):
            mail_server(url)


def test_given_no_mail_server_in_the_demo_when_a_mail_is_sent_then_it_is_read_in_the_outbox(desk):
    let_in(ADA)
    letter = a_letter(desk, ADA.email)

    newest = mails.newest(desk)[0]

    assert (newest.to, newest.state) == (ADA.email, "sent")
    assert (newest.code, list(newest.links)) == (letter.code, letter.links)


def test_given_production_without_a_mail_server_when_a_mail_is_sent_then_logs_and_health_say_so(
    desk, monkeypatch, caplog
):
    email_id = a_queued_mail(desk)
    in_production(monkeypatch)

    with caplog.at_level(logging.ERROR), pytest.raises(NotTaken):
        outbox.send_email(desk, {"email_id": email_id})

    assert "SMTP_URL is missing" in caplog.text
    assert "mail_not_configured" in readiness.problems(desk)
    assert state_of(desk, email_id).state == "queued"


def test_given_production_when_a_sign_in_mail_is_sent_then_its_link_and_code_are_nowhere_in_the_database(
    desk, sink, monkeypatch
):
    let_in(ADA)
    in_production(monkeypatch)
    sign_in.ask_for_link(desk, Asking("customer", ADA.email, HOME_NETWORK))

    outbox.answer_sign_in(desk, jobs.claim("test").payload)

    text = sink.messages[0].get_body(("plain",)).get_content()
    link = next(line for line in text.splitlines() if "/enter/" in line)
    code = next(line for line in text.splitlines() if line.isdecimal())
    dump = dump_of(desk)
    assert link.startswith("https://billing.example.com/enter/")
    assert ADA.email in dump
    assert link.rpartition("/")[2] not in dump
    assert code not in dump


def test_given_a_recipient_that_is_no_address_when_a_mail_is_queued_then_it_has_failed_and_the_rest_goes_on(desk, sink):
    for recipient in ("", "ada", "ada@example.com, bea@example.com", "ada@example.com\r\nBcc: eve@example.com"):
        email_id = a_queued_mail(desk, recipient)
        assert state_of(desk, email_id) == ("failed", "not an address")

    drain()

    assert sink.envelopes == []
    assert desk.value(select(_email.c.recipient).where(_email.c.recipient != "")) is None


def test_given_a_mail_that_was_sent_when_its_job_comes_again_then_nothing_is_sent(desk, sink):
    email_id = a_queued_mail(desk)
    drain()

    outbox.send_email(desk, {"email_id": email_id})

    assert len(sink.envelopes) == 1


def in_production(monkeypatch) -> None:
    monkeypatch.setattr(type(environment()), "is_demo", False)
    monkeypatch.setenv("PORTAL_BASE_URL", "https://billing.example.com")
    environment.cache_clear()
    key_for.cache_clear()


def dump_of(desk) -> str:
    names = ("email", "job", "sign_in_request", "rate_counter", "audit_entry", "fact", "session")
    tables = [table for table in Email.metadata.sorted_tables if table.name in names]
    return "".join(str(row) for table in tables for row in desk.rows(select(table)))
