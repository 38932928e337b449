"""One guard before every event: who is there, with what. Whatever has no policy stays shut."""

import asyncio
import json
from typing import Any

import reflex as rx
from pydantic import ValidationError
from reflex.state import FrontendEventExceptionState, OnLoadInternalState, State, StateUpdate
from reflex_base.event import Event
from reflex_base.event.context import EventContext
from reflex_base.registry import RegistrationContext
from reflex_base.utils.form import FORM_DATA_ENTRIES_KEY

from portal_app.kit.errors import InvalidInput, NotAllowed, PortalError
from portal_app.kit.i18n import words_in
from portal_app.kit.logs import count
from portal_app.security import sessions
from portal_app.security.policy import Policy, Verdict, judge, payload_model, policy_of
from portal_app.security.sessions import LiveSession
from portal_app.security.signing import PASSPORT_HEADER, Passport
from portal_app.security.visitor import Visitor, establish
from portal_app.state.session import CHOOSER, DOOR, STAFF_DOOR, CustomerSession, SessionState, told_for

HYDRATE = f"{State.get_full_name()}.hydrate_and_load"
NAVIGATE = f"{OnLoadInternalState.get_full_name()}.on_load_internal"
_HYDRATED = f"{OnLoadInternalState.get_full_name()}.set_is_hydrated"
_BROKEN = f"{FrontendEventExceptionState.get_full_name()}.handle_frontend_exception"
# What a page needs of Reflex's own; the rest, `setvar` of every state among it, is refused.
FRAMEWORK_HANDLERS = frozenset({HYDRATE, NAVIGATE, _HYDRATED, _BROKEN})
_LONGEST_REPORT = 4_000
_MOST_HASHES = 1_000

_LEAVE: dict[Verdict, SessionState] = {
    "no_session": "needed",
    "still_choosing": "choosing",
    "not_fresh": "stale",
}


def passport() -> Passport:
    """Of the connection that sent the running event: from its own handshake, never from a state."""
    headers = EventContext.get().router_data.get("headers") or {}
    return Passport.read(headers.get(PASSPORT_HEADER, ""))


class Guard(rx.Middleware):
    """Stands before every handler, chained and background ones too; establishes `visitor()` for it."""

    async def preprocess(self, app: rx.App, state: Any, event: Event) -> StateUpdate | None:
        """None lets the event pass, with its payload made strict; an update is all that a refused one gets."""
        shown, session = passport(), None
        if shown.session_id:
            session = await asyncio.to_thread(sessions.find, shown.session_id)
            if session is None:
                # The tab still holds what its session could see, so not even public handlers run in it.
                reason = (await asyncio.to_thread(sessions.reasons, [shown.session_id])).get(shown.session_id, "")
                return await _leave(state, told_for(reason), STAFF_DOOR if shown.kind == "staff" else DOOR)
        establish(_visitor(shown, session))
        if event.name in FRAMEWORK_HANDLERS:
            return await _framework(event, session)
        rule = _rule_of(event.name)
        if rule is None:
            count("denied.no_policy")
            return StateUpdate()
        verdict = judge(rule.audience, session)
        if verdict != "allowed":
            return await _refuse(state, rule, verdict, shown.locale)
        if not _make_strict(event):
            count("denied.payload")
            return await _say(state, InvalidInput(), shown.locale)
        if session and rule.is_activity and session.is_worth_touching:
            await asyncio.to_thread(sessions.touch, session.id)
        return None


def _visitor(shown: Passport, session: LiveSession | None) -> Visitor:
    if session:
        return session.as_visitor(shown.client_ip, shown.request_id)
    return Visitor("nobody", locale=shown.locale, client_ip=shown.client_ip, request_id=shown.request_id)


def _rule_of(name: str) -> Policy | None:
    return policy_of(RegistrationContext.get().event_handlers[name].handler.fn)


async def _framework(event: Event, session: LiveSession | None) -> StateUpdate | None:
    """Reflex checks nothing of what its own handlers are sent."""
    given = dict(event.payload)
    event.payload.clear()
    if event.name == HYDRATE:
        # No var of ours lives in the browser's storage, so `vars` has nothing to say.
        hashes = given.get("hashes")
        if isinstance(hashes, list) and len(hashes) <= _MOST_HASHES and all(isinstance(one, str) for one in hashes):
            event.payload["hashes"] = hashes
    elif event.name == _HYDRATED:
        event.payload["value"] = given.get("value") is True
    elif event.name == _BROKEN:
        for name in ("info", "component_stack"):
            event.payload[name] = str(given.get(name, ""))[:_LONGEST_REPORT]
    elif event.name == NAVIGATE and session and session.is_worth_touching:
        await asyncio.to_thread(sessions.touch, session.id)
    return None


def _make_strict(event: Event) -> bool:
    handler = RegistrationContext.get().event_handlers[event.name].handler.fn
    try:
        given = {name: _unwrapped(value) for name, value in event.payload.items()}
        valid = payload_model(handler).model_validate_json(json.dumps(given))
    except (ValidationError, TypeError, ValueError, RecursionError):
        return False
    event.payload.clear()
    event.payload.update({name: getattr(valid, name) for name in valid.model_fields_set})
    return True


def _unwrapped(value: Any) -> Any:
    """A form comes as pairs of name and value, in the order of its fields; the last of a name counts."""
    if isinstance(value, dict) and value.keys() == {FORM_DATA_ENTRIES_KEY}:
        return {name: entry for name, entry in value[FORM_DATA_ENTRIES_KEY]}  # noqa: C416 - each must be a pair
    return value


async def _refuse(state: Any, rule: Policy, verdict: Verdict, locale: str) -> StateUpdate:
    count(f"denied.{verdict}")
    if verdict == "not_allowed":
        return await _say(state, NotAllowed(), locale)
    door = STAFF_DOOR if rule.is_for_staff else CHOOSER if verdict == "still_choosing" else DOOR
    return await _leave(state, _LEAVE[verdict], door)


async def _leave(state: Any, why: SessionState, door: str) -> StateUpdate:
    """Let the page leave by a full navigation: client routing would keep private rows in its memory."""
    session = await state.get_state(CustomerSession)
    session.session_state, session.door = why, door
    return await _shown(state)


async def _say(state: Any, refusal: PortalError, locale: str) -> StateUpdate:
    session = await state.get_state(CustomerSession)
    session._say(words_in(locale)(refusal.text, **refusal.holes), "error", code=refusal.code)
    return await _shown(state)


async def _shown(state: Any) -> StateUpdate:
    root = state._get_root_state()
    delta = await root._get_resolved_delta()
    root._clean()
    return StateUpdate(delta=delta)
