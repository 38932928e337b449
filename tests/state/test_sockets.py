"""What a process keeps of tabs that have gone."""

import asyncio
from types import SimpleNamespace

import pytest
import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory

from portal_app.kit.bus import Bus
from portal_app.security.signing import PASSPORT_HEADER, Passport
from portal_app.state import sockets
from portal_app.state.sockets import Sockets


class Space:
    """Reflex's namespace, as far as the hooks know it."""

    def __init__(self) -> None:
        self._token_manager = SimpleNamespace(sid_to_token={}, token_to_socket={})

    async def on_connect(self, sid, environ, auth=None) -> None:
        self._token_manager.sid_to_token[sid] = f"key of {sid}"
        self._token_manager.token_to_socket[f"key of {sid}"] = SimpleNamespace(sid=sid)

    async def on_event(self, sid, data) -> None: ...

    def on_disconnect(self, sid) -> None:
        del self._token_manager.token_to_socket[self._token_manager.sid_to_token.pop(sid)]


@pytest.fixture
def app(monkeypatch):
    monkeypatch.setattr(sockets, "_KEPT_SECONDS", 0.0)
    manager = StateManagerMemory()
    context = SimpleNamespace(event_handlers={})
    return SimpleNamespace(event_namespace=Space(), _registration_context=context, state_manager=manager)


async def _open_and_close(app, passport: Passport) -> None:
    environ = {"asgi.scope": {"headers": [(PASSPORT_HEADER.encode(), passport.write().encode())]}}
    await app.event_namespace.on_connect("sid", environ)
    await app.state_manager.get_state(rx.BaseStateToken(ident="key of sid", cls=rx.State))
    app.event_namespace.on_disconnect("sid")


@pytest.mark.parametrize(("passport", "is_kept"), [(Passport(), False), (Passport(session_id="ses_1"), True)])
async def test_when_a_tab_has_gone_then_a_strangers_state_is_forgotten_and_a_customers_waits(app, passport, is_kept):
    portal = Sockets(app, Bus())
    await _open_and_close(app, passport)

    portal._forget()

    assert bool(app.state_manager.states) is is_kept
    await app.state_manager.close()


async def test_when_a_stranger_comes_back_in_time_then_his_state_stays(app):
    portal = Sockets(app, Bus())
    await _open_and_close(app, Passport())
    await app.event_namespace.on_connect("sid", {})

    portal._forget()

    assert app.state_manager.states
    await app.state_manager.close()
    await asyncio.sleep(0)
