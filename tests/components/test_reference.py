"""The list of components in the docs is true."""

from tests.components.reference import TARGET, written


def test_the_reference_in_the_docs_says_what_the_source_says():
    assert TARGET.read_text(encoding="utf-8") == written(), "run: python -m tests.components.reference"
