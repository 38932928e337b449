"""Runs alone in a process of its own: strangers' picture bytes in, our own small PNG out, or one word why not.

`services.pictures` starts this file with nothing but a pipe in and a pipe out. It imports nothing of ours, so that a
decoder taken over by its input finds no settings, no database and no memory to fill.
"""

import io
import json
import resource
import sys

from PIL import Image, ImageOps

MAX_PIXELS = 12_500_000
MAX_EDGE = 512
_MEMORY_BYTES = 320 * 1024 * 1024
_CPU_SECONDS = 10


def shrink(sent: bytes) -> Image.Image:
    """The first frame, upright, at most 512 px wide and high, with its pixels and nothing else.

    Raises:
        ValueError: `format` or `pixels`, before anything was decoded.
    """
    try:
        picture = Image.open(io.BytesIO(sent), formats=["PNG", "JPEG", "WEBP"])
    except Image.UnidentifiedImageError:
        raise ValueError("format") from None
    if picture.width * picture.height > MAX_PIXELS:
        raise ValueError("pixels")
    picture.draft("RGB", (2 * MAX_EDGE, 2 * MAX_EDGE))  # a large JPEG is decoded small
    if picture.mode.startswith("I"):  # 16 bits of grey, which `convert` would cut off instead of scaling
        picture = picture.point(lambda grey: grey / 256).convert("L")
    elif picture.mode not in ("L", "RGB", "RGBA"):
        picture = picture.convert("RGBA")
    picture.thumbnail((MAX_EDGE, MAX_EDGE), Image.Resampling.LANCZOS)
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    # From the bare bytes: what else the file said (camera, place, comments, profiles) stays behind.
    return Image.frombytes("RGBA", upright.size, upright.tobytes())


def main() -> None:
    """Answer on stdout: a line of JSON, then the PNG if there is one."""
    for limit, value in (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    Image.MAX_IMAGE_PIXELS = None  # counted above, with a sentence of our own
    made = io.BytesIO()
    try:
        picture = shrink(sys.stdin.buffer.read())
        picture.save(made, "PNG", optimize=True)
    except Exception as problem:
        word = str(problem) if isinstance(problem, ValueError) and str(problem) in ("format", "pixels") else "broken"
        sys.stdout.buffer.write(json.dumps({"problem": word, "limit": MAX_PIXELS}).encode() + b"\n")
        return
    header = {"width": picture.width, "height": picture.height}
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + made.getvalue())


if __name__ == "__main__":
    main()
