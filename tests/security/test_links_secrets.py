"""What is kept of links and codes, and how they are made."""

from sqlalchemy import select

from portal_app.models.access import SignInRequest
from portal_app.security import magic_links
from portal_app.security.signing import hashed
from portal_app.security.visitor import SYSTEM
from portal_app.services.desk import open_desk
from tests.cast import ADA, let_in
from tests.letters import a_letter

_request = SignInRequest.__table__


def test_when_a_request_is_answered_then_it_keeps_hashes_of_link_and_code_and_nothing_else(database):
    let_in(ADA)
    with open_desk(actor=SYSTEM) as desk:
        letter = a_letter(desk, ADA.email)
        row = desk.row(select(_request))

    assert letter.token not in str(row)
    assert letter.code not in str(row)
    assert letter.browser.asking not in str(row)
    assert row.token_hash == hashed(letter.token)


def test_links_are_long_and_codes_are_spread(database):
    ids = [magic_links.new_request_id() for _ in range(2000)]

    tokens, codes = {magic_links.link_token(i) for i in ids}, [magic_links.link_code(i) for i in ids]

    assert len(tokens) == 2000
    assert all(magic_links.is_token(token) for token in tokens)
    assert all(len(code) == 6 for code in codes)
    assert len(set(codes)) > 1950
    assert {code[0] for code in codes} == set("0123456789")


def test_given_another_secret_key_when_link_and_code_are_made_then_they_are_others(database, monkeypatch):
    request_id = magic_links.new_request_id()
    before = magic_links.link_token(request_id), magic_links.code_hash(request_id, "123456")

    monkeypatch.setattr(magic_links, "key_for", lambda purpose: b"another key " + purpose.encode())

    after = magic_links.link_token(request_id), magic_links.code_hash(request_id, "123456")
    assert not set(before) & set(after)
