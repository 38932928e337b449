"""Texts in components become look-ups with their holes."""

import reflex as rx

from portal_app.components.i18n import _, _n, _rich, head_script
from portal_app.kit.catalogues import client_catalogues

COUNT = rx.Var(_js_expr="count", _var_type=int).to(int)


def test_a_text_is_looked_up_by_its_english():
    assert str(_("Invoices")) == 'say("Invoices")'


def test_holes_take_text_numbers_and_vars():
    assert str(_("{a} of {b}", a="one", b=COUNT)) == 'say("{a} of {b}", ({"a": "one", "b": count}))'


def test_a_quote_in_a_text_cannot_end_it():
    assert str(_('Say "hello"\n</script>')) == 'say("Say \\"hello\\"\\n</script>")'


def test_a_number_chooses_the_form():
    assert str(_n("{n} invoice", "{n} invoices", n=COUNT)) == 'say.n("{n} invoice", "{n} invoices", ({"n": count}))'


def test_a_component_may_stand_in_a_hole():
    assert 'say.rich("Write to {address}."' in str(_rich("Write to {address}.", address=rx.el.b("a@b.c")))


def test_a_text_brings_its_hook_along():
    data = _("Invoices")._get_all_var_data()

    assert "const say = useWords()" in data.hooks


def test_the_head_names_every_language_that_has_a_catalogue():
    told = str(head_script())

    for locale, catalogue in client_catalogues().items():
        assert f'\\"{locale}\\":\\"{catalogue.address}\\"' in told
