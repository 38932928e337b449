"""Fields of the merchant's settings: what is typed waits on the server, and nothing of it is lost on the way."""

import reflex as rx
from reflex.event import EventType
from reflex.vars import Var

from portal_app.components.buttons import button
from portal_app.components.forms import described, field
from portal_app.components.i18n import _
from portal_app.components.icons import icon
from portal_app.components.text import Piece, Text

# As many as `services.pictures` takes; asked here first, so that nobody waits for an upload that is refused.
LARGEST_PICTURE = 2_000_000


def _nothing() -> tuple[()]:
    return ()


def _value(value: Var[str]) -> tuple[Var[str]]:
    return (value,)


class SettingsComponent(rx.Component):
    """A component of `settings.js`."""

    library = rx.asset("settings.js", shared=True).importable_path


class DraftInput(SettingsComponent):
    """An input whose text is kept by the server while it is typed."""

    tag = "DraftInput"

    type: Var[str]
    name: Var[str]
    value: Var[str]
    disabled: Var[bool]
    max_length: Var[int]
    auto_complete: Var[str]
    spell_check: Var[bool]
    on_draft: rx.EventHandler[_value]
    on_leave: rx.EventHandler[_nothing]


class PictureUpload(SettingsComponent):
    """A file that is sent at once."""

    tag = "PictureUpload"

    address: Var[str]
    limit: Var[int]
    accept: Var[str]
    disabled: Var[bool]
    words: Var[dict[str, str]]
    on_chosen: rx.EventHandler[_value]


class LeaveGuard(SettingsComponent):
    """Asks before unpublished changes are left behind."""

    tag = "LeaveGuard"

    active: Var[bool]


def draft_field(
    label: Text,
    *,
    name: str,
    value: Var[str],
    error: Var[str],
    on_draft: EventType,
    on_leave: EventType,
    is_disabled: Var[bool],
    type: str = "text",
    hint: Piece = None,
    max_length: int = 500,
) -> rx.Component:
    """One line of text of the settings."""
    own_id = f"setting-{name}"
    control = DraftInput.create(
        id=own_id,
        type=type,
        name=name,
        value=value,
        disabled=is_disabled,
        max_length=max_length,
        auto_complete="off",
        spell_check=False,
        class_name="input",
        on_draft=on_draft,
        on_leave=on_leave,
        **described(own_id, hint, error),
    )
    return field(label, control, control_id=own_id, hint=hint, error=error)


def picture_field(
    label: Text,
    *,
    name: str,
    address: str,
    url: Var[str],
    error: Var[str],
    on_chosen: EventType,
    on_remove: EventType,
    is_disabled: Var[bool],
    hint: Piece = None,
    is_dark: bool = False,
) -> rx.Component:
    """A logo: what is chosen now on its own ground, another file, and none."""
    own_id, remove_name = f"setting-{name}", _("Remove: {label}", label=label)
    control = PictureUpload.create(
        icon("plus"),
        id=own_id,
        address=address,
        limit=LARGEST_PICTURE,
        accept="image/png,image/jpeg,image/webp",
        disabled=is_disabled,
        words={
            "name": _("Choose a file: {label}", label=label),
            "choose": _("Choose a file"),
            "busy": _("Uploading"),
            "tooLarge": _("This file is larger than 2 MB. Export the logo smaller, 512 pixels are enough."),
            "failed": _("The file did not arrive. Check your connection and choose it again."),
        },
        class_name="btn btn-secondary btn-small",
        on_chosen=on_chosen,
        **described(own_id, hint, error),
    )
    now = rx.el.div(
        rx.el.img(src=url, alt=_("The logo as it is now"), class_name="max-h-8 max-w-40"),
        custom_attrs={"data-theme": "dark" if is_dark else "light"},
        class_name="flex min-h-12 items-center rounded-control border border-line bg-surface px-3",
    )
    remove = button(
        _("Remove"), kind="quiet", size="small", on_click=on_remove, is_disabled=is_disabled, aria_label=remove_name
    )
    whole = rx.el.div(
        rx.cond(url != "", now, rx.fragment()),
        control,
        rx.cond(url != "", remove, rx.fragment()),
        class_name="flex flex-wrap items-center gap-3",
    )
    return field(label, whole, control_id=own_id, hint=hint, error=error)
