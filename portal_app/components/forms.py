"""Fields: each has a label, its hint and its error are tied to it, and nothing typed is lost.

A field belongs to the browser until it is sent: give `value` what the server knows, read the rest in `on_submit`.
"""

from typing import Any, Literal

import reflex as rx
from reflex.vars import Var
from reflex_components_core.el.elements.base import BaseHTML

from portal_app.components.client import KeepTyped, SendWhenComplete
from portal_app.components.i18n import _
from portal_app.components.icons import icon
from portal_app.components.text import Body, Piece, Text, classes, pieces, present

InputType = Literal["text", "email", "tel", "url", "search", "number", "date", "password", "color", "file"]


class NativeForm(BaseHTML):
    """A form that the browser itself sends; `rx.el.form` prevents that even when it has an `action`."""

    tag = "form"

    action: Var[str]
    method: Var[str]
    enc_type: Var[str]
    auto_complete: Var[str]


def native_form(
    *body: Piece, action: Text, has_files: bool = False, class_name: str = "", **attributes: Any
) -> rx.Component:
    """POST to a route of the server and follow its answer: for all that sets or ends a session."""
    if has_files:
        attributes["enc_type"] = "multipart/form-data"
    return NativeForm.create(*present(*body), action=action, method="post", class_name=class_name, **attributes)


def hidden_value(name: str, value: Text) -> rx.Component:
    """A value that a form carries and nobody types."""
    return rx.el.input(type="hidden", name=name, default_value=value, key=value)


def field(
    label: Text,
    control: rx.Component,
    *,
    control_id: Text,
    hint: Piece = None,
    error: Text | None = None,
    is_optional: bool = False,
    class_name: str = "",
) -> rx.Component:
    """A label above, a hint below, an error below that. The typed fields of this module call it; pages call those."""
    return rx.el.div(
        rx.el.label(
            rx.el.span(label),
            *present(rx.el.small(_("Optional")) if is_optional else None),
            html_for=control_id,
            class_name="label",
        ),
        control,
        *present(rx.el.p(hint, id=_ids(control_id, "-hint"), class_name="hint") if hint is not None else None),
        *present(_error(error, control_id)),
        class_name=classes("field", class_name),
    )


def _error(error: Text | None, control_id: Text) -> rx.Component | None:
    if error is None:
        return None
    said = rx.el.p(icon("alert"), rx.el.span(error), id=_ids(control_id, "-error"), role="alert", class_name="error")
    return rx.cond(error != "", said, rx.fragment()) if isinstance(error, Var) else said


def _ids(control_id: Text, *suffixes: str) -> Text:
    if isinstance(control_id, Var):
        first, *rest = (control_id.to(str) + suffix for suffix in suffixes)
        return first + " " + rest[0] if rest else first
    return " ".join(control_id + suffix for suffix in suffixes)


def described(control_id: Text, hint: Piece, error: Text | None) -> dict[str, Any]:
    """The attributes that tie a control to its hint and its error."""
    hinted = [] if hint is None else ["-hint"]
    names = _ids(control_id, *hinted) if hinted else ""
    if error is None:
        return {"aria_describedby": names} if hinted else {}
    both = _ids(control_id, *hinted, "-error")
    if not isinstance(error, Var):
        return {"aria_describedby": both, "aria_invalid": "true"}
    return {
        "aria_describedby": rx.cond(error != "", both, names),
        "aria_invalid": rx.cond(error != "", "true", "false"),
    }


def text_field(
    label: Text,
    *,
    name: str,
    type: InputType = "text",
    value: Text = "",
    hint: Piece = None,
    error: Text | None = None,
    is_optional: bool = False,
    is_required: bool = False,
    control_id: Text | None = None,
    class_name: str = "",
    look: str = "",
    **attributes: Any,
) -> rx.Component:
    """One line of text. A new `value` from the server replaces what is typed; an unchanged one never does."""
    own_id = control_id or f"field-{name}"
    control = rx.el.input(
        id=own_id,
        name=name,
        type=type,
        default_value=value,
        key=value,
        required=is_required,
        class_name=classes("input", look),
        **described(own_id, hint, error),
        **attributes,
    )
    return field(
        label, control, control_id=own_id, hint=hint, error=error, is_optional=is_optional, class_name=class_name
    )


def email_field(label: Text, *, name: str = "email", **options: Any) -> rx.Component:
    """An e-mail address. Options: see `text_field`."""
    given = {"auto_complete": "email", "input_mode": "email", "spell_check": False, "auto_capitalize": "none"}
    return text_field(label, name=name, type="email", **(given | options))


def code_field(label: Text, *, name: str = "code", length: int = 6, **options: Any) -> rx.Component:
    """A one-time code: the phone offers it, and its form is sent with the last digit.

    A paste may bring spaces ("123 456"), so there is room for more than the digits; only those are kept.
    """
    given = {
        "auto_complete": "one-time-code",
        "input_mode": "numeric",
        "max_length": 2 * length,
        "pattern": f"[0-9]{{{length}}}",
        "look": "input-code",
    }
    own_id = f"field-{name}"
    return rx.fragment(
        text_field(label, name=name, **(given | options)), SendWhenComplete.create(field=own_id, length=length)
    )


def keep_typed(control_id: str) -> rx.Component:
    """Beside a field of a `native_form`: brings back what was typed when the form comes back with a problem."""
    return KeepTyped.create(field=control_id)


def search_field(label: Text, *, name: str = "search", class_name: str = "", **attributes: Any) -> rx.Component:
    """Finds in a list; give `on_change` (debounced by the caller) or `on_blur`."""
    own_id = f"field-{name}"
    control = rx.el.div(
        icon("search"),
        rx.el.input(id=own_id, name=name, type="search", class_name="input", **attributes),
        class_name="input-search",
    )
    return field(label, control, control_id=own_id, class_name=class_name)


def text_area(
    label: Text,
    *,
    name: str,
    value: Text = "",
    hint: Piece = None,
    error: Text | None = None,
    is_optional: bool = False,
    **attributes: Any,
) -> rx.Component:
    """Several lines of text."""
    own_id = f"field-{name}"
    control = rx.el.textarea(
        id=own_id,
        name=name,
        default_value=value,
        key=value,
        class_name="input",
        **described(own_id, hint, error),
        **attributes,
    )
    return field(label, control, control_id=own_id, hint=hint, error=error, is_optional=is_optional)


def select_field(
    label: Text,
    options: Var | list[tuple[str, Text]],
    *,
    name: str,
    value: Text = "",
    hint: Piece = None,
    error: Text | None = None,
    class_name: str = "",
    **attributes: Any,
) -> rx.Component:
    """One of many. `options` are `(value, words)`; a Var holds rows with `value` and `label`."""
    own_id = f"field-{name}"
    made = (
        rx.foreach(options, lambda row: rx.el.option(row.label, value=row.value))
        if isinstance(options, Var)
        else rx.fragment(*[rx.el.option(words, value=key) for key, words in options])
    )
    control = rx.el.select(
        made,
        id=own_id,
        name=name,
        value=value,
        class_name="input",
        **described(own_id, hint, error),
        **attributes,
    )
    return field(label, control, control_id=own_id, hint=hint, error=error, class_name=class_name)


def file_field(label: Text, *, name: str, accept: str, hint: Piece = None, error: Text | None = None) -> rx.Component:
    """A file for a `native_form(has_files=True)`."""
    return text_field(label, name=name, type="file", hint=hint, error=error, accept=accept)


def color_field(label: Text, *, name: str, value: Text, **options: Any) -> rx.Component:
    """The browser's own colour picker; `value` is `#rrggbb`."""
    return text_field(label, name=name, type="color", value=value, **options)


def filters(search: rx.Component, *selects: Piece, label: Text) -> rx.Component:
    """Narrows a list: the search takes the room, the `select_field`s stand beside it. `label` names the whole."""
    return rx.el.div(search, *present(*selects), role="search", aria_label=label, class_name="filters")


def field_grid(*fields: Piece) -> rx.Component:
    """Two fields side by side where there is room."""
    return rx.el.div(*present(*fields), class_name="field-grid grid grid-cols-1 gap-x-4 gap-y-5 form:grid-cols-2")


def form(*body: Piece, on_submit: Any, form_id: str = "", class_name: str = "form", **attributes: Any) -> rx.Component:
    """A form whose values go to a handler as one dict of text; Enter sends it. Its parts stand 20 px apart."""
    return rx.el.form(*present(*body), on_submit=on_submit, id=form_id or None, class_name=class_name, **attributes)


def group(legend: Text, *body: Body, is_hidden: bool = False, class_name: str = "") -> rx.Component:
    """Controls that answer one question, under its name."""
    look = "sr-only" if is_hidden else "mb-2 font-strong"
    return rx.el.fieldset(
        rx.el.legend(legend, class_name=look),
        *[piece for one in body for piece in pieces(one)],
        class_name=class_name,
    )
