"""The stylesheets keep to the tokens and to both reading directions."""

import re

import pytest

from portal_app.components.build import PARTS, STYLES, stylesheet, with_styles_inside

OURS = [part for part in PARTS if part != "theme"]


def source(part: str) -> str:
    return re.sub(r"/\*.*?\*/", "", (STYLES / f"{part}.css").read_text(encoding="utf-8"), flags=re.DOTALL)


TOKENS = set(re.findall(r"(--[\w-]+)\s*:", source("tokens")))


@pytest.mark.parametrize("part", [*PARTS])
def test_every_token_that_is_used_exists(part):
    used = set(re.findall(r"var\((--[\w-]+)", source(part)))

    assert used - TOKENS == set()


@pytest.mark.parametrize("part", OURS)
def test_no_colour_is_written_outside_the_tokens(part):
    # The glyph on a card's chip, and paper when printing, are the same in every mode.
    allowed = {"oklch(1 0 250)", "oklch(1 0 250 / 0.28)", "#fff", "#000"}

    assert set(re.findall(r"#[0-9a-f]{3,8}\b|oklch\([\d.][^)]*\)|rgba?\([^)]*\)", source(part))) - allowed == set()


@pytest.mark.parametrize("part", OURS)
def test_directions_are_logical(part):
    physical = re.findall(r"^\s*(?:margin|padding|border|inset)?-?(?:left|right)\s*:", source(part), flags=re.MULTILINE)

    assert physical == []


def test_the_merchants_stylesheet_wins_over_the_tokens():
    assert "@layer theme {\n/*" in stylesheet()


def test_tailwinds_own_palette_is_gone():
    assert "--color-*: initial" in stylesheet()
    assert "tailwindcss/theme.css" not in stylesheet()


LINK = '<link href="/assets/all-1.css" rel="stylesheet" type="text/css"/>'


def test_a_built_page_brings_its_styles_and_fetches_none(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/all-1.css").write_text("body{}", encoding="utf-8")
    hint = '<link as="style" href="/assets/all-1.css" rel="preload"/>'

    page = with_styles_inside(f'<head>{hint}<link href="/brand.css" rel="stylesheet"/>{LINK}</head>', tmp_path)

    unused = hint.replace("/>", ' media="not all"/>')
    kept = LINK.replace("/>", " disabled/>")
    assert page == f'<head>{unused}<link href="/brand.css" rel="stylesheet"/><style>body{{}}</style>{kept}</head>'


@pytest.mark.parametrize("page", ["<head></head>", f"<head>{LINK}{LINK}</head>"])
def test_given_a_page_that_names_its_styles_in_another_way_then_the_build_stops(page, tmp_path):
    with pytest.raises(RuntimeError):
        with_styles_inside(page, tmp_path)
