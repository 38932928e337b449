"""Every text is translated, whole and up to date; browsers get what their pages say."""

import json

import pytest
from babel.messages.catalog import Catalog

from portal_app.kit import catalogues
from portal_app.kit.i18n import DEFAULT_LOCALE, LOCALES


def a_catalogue(locale: str = "de", **translations) -> Catalog:
    catalog = Catalog(locale=locale)
    for message, text in translations.items():
        catalog.add(message.replace("_", " "), text, [("pages/home.py", 0)])
    return catalog


def test_every_text_of_the_source_can_be_said_in_every_language():
    assert catalogues.problems() == [], "run: python -m portal_app.kit.catalogues update, and translate"


def test_texts_are_found_in_components_in_services_and_in_mails():
    found = {file.split("/")[0] for message in catalogues.extract() for file, _ in message.locations}

    assert {"components", "kit"} <= found


def test_given_a_translation_with_a_lost_hole_then_it_is_a_problem(monkeypatch):
    template = Catalog()
    template.add("Due {day}", None, [("pages/home.py", 0)])
    stored = Catalog(locale="de")
    stored.add("Due {day}", "Fällig {tag}", [("pages/home.py", 0)])
    monkeypatch.setattr(catalogues, "extract", lambda: template)
    monkeypatch.setattr(catalogues, "read", lambda locale: stored if locale == "de" else template)

    assert catalogues.problems() == ["de: lost hole ['day']: Due {day}", "de: unknown hole ['tag']: Due {day}"]


def test_given_a_text_that_nobody_translated_or_says_then_both_are_problems(monkeypatch):
    template = Catalog()
    template.add("New", None, [("pages/home.py", 0)])
    monkeypatch.setattr(catalogues, "extract", lambda: template)
    monkeypatch.setattr(catalogues, "read", lambda locale: template if locale == "en" else a_catalogue(Old="Alt"))

    assert catalogues.problems() == ["de: not in the catalogue: New", "de: nowhere in the source: Old"]


def test_a_browser_gets_only_what_pages_and_components_say():
    catalog = a_catalogue(Invoices="Rechnungen")
    catalog.add("Only in a mail", "Nur in einer Mail", [("documents/emails/kinds.py", 0)])

    assert json.loads(catalogues.client_catalogue("de", catalog).content) == {"Invoices": "Rechnungen"}


def test_plural_forms_go_by_their_cldr_names():
    catalog = Catalog(locale="pl")
    catalog.add(("{n} invoice", "{n} invoices"), ("{n} faktura", "{n} faktury", "{n} faktur"), [("pages/home.py", 0)])

    forms = json.loads(catalogues.client_catalogue("pl", catalog).content)["{n} invoice"]

    assert forms == {"one": "{n} faktura", "few": "{n} faktury", "many": "{n} faktur", "other": "{n} faktur"}


def test_the_address_changes_with_the_content():
    one = catalogues.client_catalogue("de", a_catalogue(Invoices="Rechnungen"))
    two = catalogues.client_catalogue("de", a_catalogue(Invoices="Belege"))

    assert one.address != two.address
    assert one.address.startswith("/i18n/de.")


def test_every_language_but_english_has_a_catalogue_for_browsers():
    assert set(catalogues.client_catalogues()) == set(LOCALES) - {DEFAULT_LOCALE}


@pytest.mark.parametrize("text", ["Invoices", "Due {day} from {card}", "{n} invoice"])
def test_the_pseudo_language_keeps_holes_and_grows(text):
    said = catalogues.pseudo(text)

    assert catalogues.holes_in(said) == catalogues.holes_in(text)
    assert len(said) > len(text)
    assert said != text


def test_the_pseudo_catalogue_says_every_text_of_the_pages():
    said = json.loads(catalogues.pseudo_catalogue().content)

    assert said["Invoices"].startswith("[")
    assert all(catalogues.holes_in(text) == catalogues.holes_in(said[text]) for text in said if "{n}" not in text)


def test_what_a_person_types_twice_is_written_once(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)

    catalogues.update()
    first = (tmp_path / "de/LC_MESSAGES/portal.po").read_text(encoding="utf-8")
    catalogues.update()

    assert (tmp_path / "de/LC_MESSAGES/portal.po").read_text(encoding="utf-8") == first
