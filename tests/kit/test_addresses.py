import pytest

from portal_app.kit.addresses import address_lines

HELSINKI = {"line1": "Kalevankatu 8", "line2": None, "postal_code": "00100", "city": "Helsinki", "country": "FI"}
FRISCO = {"line1": "1 Market St", "line2": "Floor 2", "postal_code": "94103", "city": "San Francisco", "state": "CA"}


@pytest.mark.parametrize(
    ("address", "locale", "lines"),
    [
        (HELSINKI, "en", ("Kalevankatu 8", "00100 Helsinki", "Finland")),
        (HELSINKI, "de", ("Kalevankatu 8", "00100 Helsinki", "Finnland")),
        (FRISCO | {"country": "US"}, "en", ("1 Market St", "Floor 2", "San Francisco, CA 94103", "United States")),
        (FRISCO | {"country": None}, "en", ("1 Market St", "Floor 2", "94103 San Francisco", "CA")),
        ({"country": "us", "postal_code": "94103"}, "en", ("94103", "United States")),
        ({"country": "ZZZ"}, "en", ("ZZZ",)),
        ({}, "en", ()),
        (None, "en", ()),
    ],
)
def test_when_an_address_is_written_then_each_part_stands_where_its_country_puts_it(address, locale, lines):
    assert address_lines(address, locale) == lines
