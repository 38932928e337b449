"""Photographs every page at both widths, light and dark, and puts the README's two pictures together.

`make screenshots` looks at everything; names of places after it look at those only.
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page
from rich.progress import track

from tests.journeys.browser import DESKTOP, PHONE, a_browser
from tests.journeys.looking import settle
from tests.journeys.people import People
from tests.journeys.places import PLACES, Place
from tests.journeys.world import World, a_running_demo

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "screenshots"
PICTURES = ROOT / "docs" / "pictures"
SCHEMES = ("light", "dark")
LARGEST_PICTURE = 150_000
# The README shows the first page on a phone and on a desk, on a ground a little apart from the page's own.
SHOWN, GROUNDS, CUT, GAP = "home-ada", {"light": "#dfe3e8", "dark": "#26292e"}, 1_010, 40


def main(names: list[str]) -> None:
    """Take the pictures of a fresh shop."""
    FOLDER.mkdir(exist_ok=True)
    places = [place for place in PLACES if not names or place.name in names]
    with tempfile.TemporaryDirectory() as folder, a_browser() as browser:
        data = Path(folder)
        with a_running_demo(data / "data", log=data / "demo.log") as world:
            people = People(world, browser)
            for place in track(places, description="Looking"):
                for width in (PHONE, DESKTOP):
                    _photograph(place, width, world, people)
    if any(place.name == SHOWN for place in places):
        _put_together()


def _photograph(place: Place, width: int, world: World, people: People) -> None:
    with people.page(place.who, width=width) as page:
        place.open(page, world)
        settle(page)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            _whole(page).screenshot(path=_file(place.name, width, scheme), animations="disabled")


def _whole(page: Page) -> Page:
    """The page in a window as high as it is, so that bars that stay are at its end."""
    size = page.viewport_size
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
    return page


def _file(name: str, width: int, scheme: str) -> Path:
    return FOLDER / f"{name}-{width}-{scheme}.png"


def _put_together() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for scheme in SCHEMES:
        shots = [Image.open(_file(SHOWN, width, scheme)).convert("RGB") for width in (PHONE, DESKTOP)]
        shots = [shot.crop((0, 0, shot.width, min(shot.height, CUT))) for shot in shots]
        width = sum(shot.width for shot in shots) + GAP * (len(shots) + 1)
        picture = Image.new("RGB", (width, CUT + 2 * GAP), GROUNDS[scheme])
        left = GAP
        for shot in shots:
            picture.paste(shot, (left, GAP))
            left += shot.width + GAP
        _save_small(picture, PICTURES / f"home-{scheme}.png")


def _save_small(picture: Image.Image, path: Path) -> None:
    """As few colours as keep the file small; flat pages need few."""
    for colours in (256, 128, 64):
        picture.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= LARGEST_PICTURE:
            return
    raise RuntimeError(f"{path.name} is larger than {LARGEST_PICTURE} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
