"""What the settings page lets in: read-only staff may look, and a form brings its fields and nothing else."""

import pytest
from reflex_base.event import Event
from reflex_base.utils.format import format_event_handler

from portal_app.security.policy import policy_of
from portal_app.state import guard
from portal_app.state.settings import SettingsState
from tests.services.portal_database import VIEWER, sqlite_database
from tests.state.test_settings import Tab, mia

__all__ = ["mia", "sqlite_database"]


def test_when_read_only_staff_look_then_they_see_everything_and_only_looking_is_open_to_them(mia):
    mia.does("edit", "business_name", "Linnet")
    mia.does("save", {})

    sam = Tab(VIEWER)

    assert sam.state.form.business_name == "Linnet"
    audiences = {name: policy_of(handler.fn) for name, handler in SettingsState.event_handlers.items()}
    open_to_all = {name for name, rule in audiences.items() if rule and rule.audience == "staff"}
    assert open_to_all == {"load"}
    assert {rule.audience for rule in audiences.values() if rule} == {"staff", "staff_write"}


FORM = "__reflex_form_data__"


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ({FORM: [["business_name", "Linnet"], ["switch", True]]}, {"business_name": "Linnet", "switch": True}),
        ({FORM: [["a", "1"], ["a", "2"]]}, {"a": "2"}),
        ({FORM: []}, {}),
        ({"business_name": "Linnet"}, {"business_name": "Linnet"}),
        ({FORM: [["a", ["x"]]]}, None),
        ({FORM: [["a"]]}, None),
        ({FORM: ["ab"]}, {"a": "b"}),
        ({FORM: [[["a"], "b"]]}, None),
        ({FORM: 7}, None),
        ({FORM: [["a", "1"]], "b": "2"}, None),
        ({FORM: [["a", "x" * 2_001]]}, None),
    ],
)
def test_when_a_browser_sends_a_form_then_its_fields_arrive_and_nothing_else_does(sent, taken):
    event = Event(name=format_event_handler(SettingsState.save), payload={"form": sent})

    assert guard._make_strict(event) == (taken is not None)
    assert taken is None or event.payload == {"form": taken}
