"""The settings page: changes wait here until one deed publishes all of them."""

from typing import Annotated, Literal, get_args

import reflex as rx
from pydantic import Field

from portal_app.environment import environment
from portal_app.kit.errors import Conflict, InvalidInput
from portal_app.security.policy import policy
from portal_app.services import configuration, overview
from portal_app.services.configuration import NAMES, Feature, clean
from portal_app.services.desk import ask
from portal_app.state.merchant_draft import ChangeRow, Draft, change_rows
from portal_app.state.merchant_settings import Look, SettingsForm, count_line, form_of, look_of, published_line
from portal_app.state.session import notify
from portal_app.state.speech import speech

TextName = Literal[
    "business_name", "support_email", "support_url", "support_phone", "terms_url", "privacy_url", "brand_colour"
]
PictureName = Literal["logo_id", "logo_dark_id"]
AnyName = TextName | PictureName | Feature | Literal["radius"]
Typed = Annotated[str, Field(max_length=1_000)]


class SettingsState(rx.State):
    """What one member of staff is changing; customers see none of it before `save`."""

    form: SettingsForm = SettingsForm()
    version: str = ""
    look: Look = Look()
    errors: dict[str, str] = dict.fromkeys(NAMES, "")
    changes: list[ChangeRow] = []
    change_count: int = 0
    has_overtaken: bool = False
    published: str = ""
    customers: str = ""
    portal_link: str = ""
    is_loaded: bool = False
    _draft: Draft = Draft()

    @rx.event
    @policy("staff")
    async def load(self) -> None:
        """Show what is published, with this person's unpublished changes on top."""
        await self._catch_up()
        self.portal_link = environment().url("/login")
        self.is_loaded = True

    @rx.event
    @policy("staff_write")
    async def edit(self, name: TextName, value: Typed) -> None:
        """Keep what is being typed; an error that stands there goes as soon as it is mended."""
        self._take(self._draft.edited(name, value))
        if self.errors[name]:
            self._mark(name)

    @rx.event
    @policy("staff_write")
    async def check(self, name: TextName) -> None:
        """Say what is wrong with a value whose field was left."""
        self._mark(name)

    @rx.event
    @policy("staff_write")
    async def switch(self, name: Feature, is_on: bool) -> None:
        """Offer something to customers, or stop offering it."""
        self._take(self._draft.edited(name, is_on))

    @rx.event
    @policy("staff_write")
    async def choose_radius(self, radius: Literal["0", "4", "8", "12"]) -> None:
        """Round the corners by so many pixels."""
        self._take(self._draft.edited("radius", int(radius)))

    @rx.event
    @policy("staff_write")
    async def choose_picture(self, name: PictureName, picture_id: Typed) -> None:
        """Take an uploaded picture for a logo; an empty id takes the logo away."""
        self._take(self._draft.edited(name, clean(name, picture_id)))

    @rx.event
    @policy("staff_write")
    async def undo(self, name: AnyName) -> None:
        """Drop one change."""
        self._take(self._draft.undone(name))
        self._mark(name)

    @rx.event
    @policy("staff_write")
    async def discard(self) -> None:
        """Drop every change."""
        self._take(Draft(self._draft.published))
        self.errors = dict.fromkeys(NAMES, "")

    @rx.event
    @policy("staff_write")
    async def save(self, form: dict[str, str | bool | None]) -> None:
        """Publish every change as one version; a value that cannot be used stops all of them and stays as typed.

        `form` is what the fields say at this moment, reported or not. A page that does not show the newest version
        yet would undo it with its old values, so from there only what was reported counts.
        """
        _ = speech().words
        is_current = form.get("version") == str(self._draft.published.version)
        for name in get_args(TextName) if is_current else ():
            if isinstance(typed := form.get(name), str):
                self._take(self._draft.edited(name, typed))
        if unusable := self._draft.problems():
            for name in unusable:
                self._mark(name)
            return await notify(
                self, _("Nothing was published. Look at the marked fields."), "error", code=InvalidInput.code
            )
        try:
            await ask(configuration.publish, self._draft.edits, self._draft.published.version)
        except Conflict as refusal:
            await self._catch_up()
            told = _("Somebody else published just now. Your changes are still here: compare, then publish again.")
            return await notify(self, told, "error", code=refusal.code)
        except InvalidInput as refusal:
            self.errors[refusal.field] = speech().refusal(refusal)
            return None
        await self._catch_up()
        return await notify(self, _("Published. Customers see it now."))

    async def _catch_up(self) -> None:
        found, say = await ask(overview.publication), speech()
        self.published, self.customers = published_line(found, say), count_line(found.customers, say)
        if found.configuration.version == self._draft.published.version:
            return self._take(self._draft)
        return self._take(self._draft.onto(found.configuration))

    def _take(self, draft: Draft) -> None:
        self._draft, self.form, self.version = draft, form_of(draft), str(draft.published.version)
        self.changes = change_rows(draft, speech().words)
        self.has_overtaken = any(row.is_overtaken for row in self.changes)
        self.change_count = len(self.changes)
        self.look = look_of(draft, speech()) or self.look

    def _mark(self, name: str) -> None:
        refusal = self._draft.problem(name)
        self.errors[name] = speech().refusal(refusal) if refusal else ""
