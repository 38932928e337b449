"""`/subscriptions/[subscription_id]/cancel`: what happens, why, confirm, done; four clicks at most."""

import reflex as rx

from portal_app.components.buttons import danger, pair, quiet, secondary
from portal_app.components.choices import radio_choice
from portal_app.components.facts import effect, effects, stepper
from portal_app.components.feedback import block_error, done_mark, loading_card, not_found, refused
from portal_app.components.forms import form, group, text_area
from portal_app.components.i18n import _
from portal_app.components.icons import icon, spinner
from portal_app.components.records import card
from portal_app.components.shell import flow_shell
from portal_app.components.where import is_shown
from portal_app.pages.pieces import fact_list, said, when
from portal_app.state.cancellation import CancellationState
from portal_app.state.cancellation_words import Effect, Reason
from portal_app.state.undo import UndoState

_ICONS = ("calendar", "card", "ended", "receipt", "repeat", "alert")
_LONGEST_COMMENT = 1_000


def cancel() -> rx.Component:
    """One step at a time, `Just cancel` on each but the last, and buttons of equal size."""
    state = CancellationState
    is_here = state.is_loaded & is_shown(state.shown_at)
    is_full = is_here & (state.problem == "")
    return flow_shell(
        heading=rx.cond(is_full, state.heading, _("Cancel subscription")),
        lead=rx.cond(is_full, state.lead, ""),
        back=(_("Subscription"), state.back_address),
        above=when(is_full, _above()),
        title=rx.cond(is_full, state.heading, _("Cancel subscription")),
        step=state.step,
        body=rx.cond(
            is_here,
            rx.match(
                state.problem,
                ("", _step()),
                ("not_found", not_found()),
                ("not_allowed", refused(state.refusal)),
                _failed(),
            ),
            loading_card(_("Loading what canceling would mean")),
        ),
    )


def _failed() -> rx.Component:
    return block_error(
        _("We could not load what canceling would mean."),
        has_money_moved=_("Nothing was changed."),
        on_retry=CancellationState.load,
        reference=CancellationState.reference,
    )


def _above() -> rx.Component:
    return rx.match(
        CancellationState.step,
        ("effect", stepper(1, 3, _("What happens"))),
        ("reason", stepper(2, 3, _("Reason"))),
        ("confirm", stepper(3, 3, _("Confirm"))),
        ("done", done_mark()),
        rx.el.div(spinner(), class_name="mb-4"),
    )


def _step() -> rx.Component:
    return rx.match(
        CancellationState.step,
        ("effect", _effect()),
        ("reason", _reason()),
        ("confirm", _confirm()),
        ("done", _done()),
        rx.el.p(rx.el.span(_("You can leave this page."), class_name="text-ink-2"), role="status"),
    )


def _keep() -> rx.Component:
    return secondary(
        _("Keep {plan}", plan=CancellationState.plan), to=CancellationState.back_address, size="large", is_block=True
    )


def _aside(*buttons: rx.Component) -> rx.Component:
    return rx.el.div(*buttons, class_name="mt-6 flex flex-wrap justify-center gap-3")


def _just_cancel() -> rx.Component:
    return quiet(_("Just cancel"), on_click=CancellationState.go("confirm"))


def _back_to(step: str) -> rx.Component:
    return quiet(_("Back"), on_click=CancellationState.go(step))


def _effect() -> rx.Component:
    go_on = secondary(_("Continue"), on_click=CancellationState.go("reason"), size="large", is_block=True)
    return rx.fragment(
        card(effects(rx.foreach(CancellationState.effects, _one_effect))),
        rx.el.div(pair(go_on, _keep()), class_name="mt-6"),
        _aside(_just_cancel()),
    )


def _one_effect(one: rx.Var[Effect]) -> rx.Component:
    looks = [(name, effect(name, one.title, one.text)) for name in _ICONS]
    return rx.match(one.icon, *looks, effect("info", one.title, one.text))


def _reason() -> rx.Component:
    state = CancellationState
    reasons = rx.el.div(rx.foreach(state.reasons, _one_reason), class_name="choices")
    comment = text_area(
        _("Anything you want to tell us?"),
        name="comment",
        value=state.comment,
        hint=_("A person reads it. It is sent to our payment provider too."),
        is_optional=True,
        max_length=_LONGEST_COMMENT,
    )
    go_on = secondary(_("Continue"), is_submit=True, size="large", is_block=True)
    return rx.fragment(
        form(
            group(_("Reason"), reasons, is_hidden=True),
            comment,
            pair(go_on, _keep()),
            on_submit=state.answer,
        ),
        _aside(_back_to("effect"), _just_cancel()),
    )


def _one_reason(reason: rx.Var[Reason]) -> rx.Component:
    return radio_choice(
        reason.label,
        name="feedback",
        value=reason.id,
        is_on=CancellationState.feedback == reason.id,
    )


def _confirm() -> rx.Component:
    state = CancellationState
    final = danger(
        _("Cancel subscription"),
        on_click=state.confirm(state.subscription_id),
        is_busy=state.is_busy,
        busy_label=_("Canceling"),
        size="large",
        is_block=True,
    )
    keep = secondary(_("Keep my plan"), to=state.back_address, size="large", is_block=True)
    failed = rx.el.p(icon("alert"), rx.el.span(state.error), role="alert", class_name="error mt-4")
    return rx.fragment(
        card(fact_list(state.facts)),
        when(state.error != "", failed),
        rx.el.div(pair(final, keep), class_name="mt-6"),
        said(state.undo_note, class_name="mt-4 text-center text-small text-ink-2"),
        _aside(_back_to("reason")),
    )


def _done() -> rx.Component:
    state = CancellationState
    undo = secondary(
        _("Undo cancellation"),
        icon="undo",
        on_click=[UndoState.undo(state.subscription_id), rx.redirect(state.back_address)],
        size="large",
        is_block=True,
    )
    home = secondary(_("Go to home"), to="/", size="large", is_block=True)
    return rx.fragment(
        rx.el.div(card(fact_list(state.facts)), role="status"),
        rx.el.div(rx.cond(state.can_undo, pair(undo, home), home), class_name="mt-6"),
    )
