"""The docs say what is true: every name that people rely on stands in them, and every link leads somewhere."""

import re
from pathlib import Path

import pytest

from portal_app.cli import app, staff_app
from portal_app.environment import Environment
from portal_app.gateway.events import EVENTS
from portal_app.models import journal

ROOT = Path(__file__).parent.parent
DOCS = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
EVERYTHING = "\n".join(path.read_text() for path in DOCS)


def test_every_setting_is_documented():
    documented = (ROOT / "docs/environment.md").read_text()

    missing = [field.alias for field in Environment.model_fields.values() if f"`{field.alias}`" not in documented]

    assert not missing


def test_every_command_is_documented():
    commands = [command.name or command.callback.__name__ for command in app.registered_commands]
    commands += [f"staff {command.name}" for command in staff_app.registered_commands]

    missing = [name for name in commands if f"portal {name}" not in EVERYTHING]

    assert not missing


def test_every_audit_action_is_documented():
    documented = (ROOT / "docs/audit.md").read_text()

    missing = [action for action in journal.AUDIT_ACTIONS if f"`{action}`" not in documented]

    assert not missing


def test_every_make_target_named_in_the_docs_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))

    named = set(re.findall(r"`make ([a-z]+)`", EVERYTHING))

    assert named <= targets


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_link_between_documents_leads_somewhere(document):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)|src(?:set)?=\"([^\":]+)\"", document.read_text())

    broken = [link for pair in links for link in pair if link and not (document.parent / link).exists()]

    assert not broken


def test_every_event_that_we_use_is_listed_for_the_merchant():
    documented = (ROOT / "docs/webhooks.md").read_text()

    listed = set(re.findall(r"^- `([a-z_.]+)`$", documented, re.M))

    assert listed == set(EVENTS)
