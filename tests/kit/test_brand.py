"""Whatever colour a merchant chooses, every pair of the interface stays readable in light and dark."""

import random
import re
from functools import cache
from pathlib import Path

import pytest
from coloraide import Color

from portal_app.kit.brand import FILL_DARK, FILL_LIGHT, brand_css, fills, tone_of

TOKENS = re.sub(
    r"/\*.*?\*/", "", Path("portal_app/components/styles/tokens.css").read_text(encoding="utf-8"), flags=re.DOTALL
)
TEXT, PART = 4.5, 3.0
PLAIN = ("--bg", "--surface", "--sunken", "--raised")
MEANINGS = ("success", "info", "warning", "danger")
TINTS = tuple(f"--{name}-bg" for name in MEANINGS)
BRAND_TINTS = ("--brand-2", "--brand-3")


def pairs():
    """Every pair of colours that the stylesheets put on each other, with the contrast it needs."""
    for front in ("--text", "--text-2"):
        yield from ((front, ground, TEXT) for ground in (*PLAIN, "--hover", "--pressed", *TINTS, *BRAND_TINTS))
    for ground in (*PLAIN, "--hover"):
        yield from (("--text-off", ground, TEXT), ("--link", ground, TEXT))
        yield from (("--control", ground, PART), ("--focus", ground, PART), ("--mark", ground, PART))
    yield from (("--focus", ground, PART) for ground in TINTS)
    yield from (("--link", ground, TEXT) for ground in TINTS)
    for ground in (*BRAND_TINTS, "--brand-4"):
        yield from (("--brand-11", ground, TEXT), ("--brand-12", ground, TEXT), ("--focus", ground, PART))
    yield from (("--on-brand", fill, TEXT) for fill in ("--brand-9", "--brand-10"))
    yield from (("--brand-9", ground, PART) for ground in PLAIN)
    yield from (("--brand-8", ground, PART) for ground in (*PLAIN, "--brand-3"))
    for name in MEANINGS:
        yield from ((f"--{name}-text", ground, TEXT) for ground in (f"--{name}-bg", *PLAIN, "--hover"))
        yield from ((f"--{name}-icon", ground, PART) for ground in (f"--{name}-bg", *PLAIN, "--hover"))
        yield ("--on-solid", f"--{name}-solid", TEXT)
        yield from ((f"--{name}-solid", ground, PART) for ground in PLAIN)


def declarations(css: str) -> dict[str, str]:
    return {name: " ".join(value.split()) for name, value in re.findall(r"(--[\w-]+)\s*:\s*([^;}]+)", css)}


def block(selector: str) -> dict[str, str]:
    return declarations(re.search(selector + r"\s*\{([^{}]*)\}", TOKENS).group(1))


LIGHT = block(r':root,\s*\[data-theme="light"\]')
DARK_BY_SYSTEM = block(r':root:not\(\[data-theme="light"\]\)')
DARK = block(r'\}\s*\[data-theme="dark"\]')
DEFAULT_BRAND = block(r":root(?=\s*\{\s*--brand-h)")


def resolved(name: str, table: dict[str, str]) -> str:
    value = table[name]
    while "var(" in value:
        value = re.sub(r"var\((--[\w-]+)\)", lambda found: table[found.group(1)], value)
    return re.sub(r"calc\(([\d.]+) \* ([\d.]+)\)", lambda found: str(float(found[1]) * float(found[2])), value)


@cache
def luminance(colour: str) -> float:
    return Color(colour).convert("srgb").clip().luminance()


def ratio(front: str, ground: str) -> float:
    low, high = sorted((luminance(front), luminance(ground)))
    return (high + 0.05) / (low + 0.05)


def unreadable(mode: dict[str, str], css: str) -> list[str]:
    table = DEFAULT_BRAND | mode | declarations(css)
    found = []
    for front, ground, needed in pairs():
        got = ratio(resolved(front, table), resolved(ground, table))
        if got < needed:
            found.append(f"{front} on {ground}: {got:.2f} < {needed}")
    return found


def test_the_two_dark_blocks_are_the_same():
    assert DARK == DARK_BY_SYSTEM


@pytest.mark.parametrize("mode", [LIGHT, DARK], ids=["light", "dark"])
def test_when_nothing_is_chosen_then_every_pair_is_readable(mode):
    assert unreadable(mode, "") == []


@pytest.mark.parametrize("mode", [LIGHT, DARK], ids=["light", "dark"])
def test_whatever_colour_is_chosen_then_every_pair_is_readable(mode):
    chance = random.Random(500)
    for _ in range(500):
        colour = f"#{chance.randrange(1 << 24):06x}"

        assert unreadable(mode, brand_css(colour, 8)) == [], colour


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#808080", "#7f8081", "#ffff00", "#0000ff", "#ff00ff"])
def test_given_an_extreme_colour_then_every_pair_is_readable(colour):
    assert unreadable(LIGHT, brand_css(colour, 8)) == []
    assert unreadable(DARK, brand_css(colour, 8)) == []


def test_given_a_grey_then_the_brand_is_ink():
    css = brand_css("#808080", 8)

    assert "--brand-c:0;" in css
    assert "--brand-9:var(--n-12)" in css


def test_given_a_glaring_colour_then_its_chroma_is_held():
    assert tone_of("#ff0000").chroma == 0.16


@pytest.mark.parametrize(("given", "shown"), [(-3, "0px"), (8, "8px"), (40, "12px")])
def test_the_radius_stays_within_its_bounds(given, shown):
    assert f"--radius:{shown}" in brand_css("#00747e", given)


@pytest.mark.parametrize("text", ["", "red", "#12345", "#1234567", "#00747e;}body{display:none", "url(x)", "#gggggg"])
def test_given_anything_but_a_colour_then_it_is_refused(text):
    with pytest.raises(ValueError, match="not a colour"):
        brand_css(text, 8)


def test_the_fill_shown_beside_the_picker_is_the_one_that_buttons_get():
    for mode, (lightness, share) in ((LIGHT, FILL_LIGHT), (DARK, FILL_DARK)):
        assert mode["--brand-9"] == f"oklch({lightness:g} calc(var(--brand-c) * {share:g}) var(--brand-h))"
    light, dark = fills("#facc15")

    table = DEFAULT_BRAND | LIGHT | declarations(brand_css("#facc15", 8))
    painted = Color(resolved("--brand-9", table)).convert("srgb").clip().to_string(hex=True)

    assert light.colour == painted
    assert light.ratio >= 4.5
    assert dark.ratio >= 4.5
