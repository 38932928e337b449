"""Pictures as strangers send them: good ones in every kind, and files that want to be something else."""

import io
import struct
import zlib

from PIL import Image, PngImagePlugin

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def a_picture(kind: str = "PNG", size: tuple[int, int] = (200, 80), mode: str = "RGB", **options: object) -> bytes:
    """An encoded picture; believable noise, so that it does not shrink to nothing."""
    noise = Image.effect_noise(size, 60).convert(mode)
    made = io.BytesIO()
    noise.save(made, kind, **options)
    return made.getvalue()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def a_png_that_claims(width: int, height: int) -> bytes:
    """A small file whose head promises more pixels than it has."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000_000))
    return SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def a_bomb(width: int = 3500, height: int = 3500) -> bytes:
    """A true picture of few bytes and very many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    squeezed = zlib.compressobj(9)
    lines = b"".join(squeezed.compress(bytes(1 + 4 * width)) for _ in range(height)) + squeezed.flush()
    return SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", lines) + _chunk(b"IEND", b"")


def a_text_bomb() -> bytes:
    """A tiny picture with 100 MB of comment, compressed."""
    comment = PngImagePlugin.PngInfo()
    comment.add_text("comment", "x" * 100_000_000, zip=True)
    return a_picture(size=(8, 8), pnginfo=comment)


def with_exif(orientation: int = 1) -> bytes:
    """A photo that tells camera, place and which way is up."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Nosy Camera", orientation
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return a_picture("JPEG", (300, 100), exif=exif.tobytes(), comment=b"shot at home")


def animated(kind: str) -> bytes:
    """Fifty frames, the first of them red."""
    frames = [Image.new("RGB", (64, 64), "red"), *[Image.new("RGB", (64, 64), (0, 0, 5 * n)) for n in range(50)]]
    made = io.BytesIO()
    frames[0].save(made, kind, save_all=True, append_images=frames[1:])
    return made.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'

# name → (bytes, code of the refusal)
REFUSED: dict[str, tuple[bytes, str]] = {
    "svg": (SVG, "picture_not_supported"),
    "svg after a prolog": (b'\xef\xbb\xbf  <?xml version="1.0"?>\n<!-- x -->' + SVG, "picture_not_supported"),
    "svg with a doctype": (b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + SVG, "picture_not_supported"),
    "html": (b"<!doctype html><script>alert(1)</script>", "picture_not_supported"),
    "nothing": (b"", "picture_not_supported"),
    "text": (b"hello", "picture_not_supported"),
    "zip": (b"PK\x03\x04" + bytes(200), "picture_not_supported"),
    "pdf": (b"%PDF-1.7\n" + bytes(200), "picture_not_supported"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) system\n", "picture_not_supported"),
    "gif": (a_picture("GIF"), "picture_not_supported"),
    "bmp": (a_picture("BMP"), "picture_not_supported"),
    "tiff": (a_picture("TIFF"), "picture_not_supported"),
    "icon": (a_picture("ICO", (64, 64)), "picture_not_supported"),
    "head of a png": (SIGNATURE, "picture_not_supported"),
    "30000 by 30000": (a_png_that_claims(30_000, 30_000), "picture_too_large"),
    "2 billion by 1": (a_png_that_claims(2_000_000_000, 1), "picture_too_large"),
    "too many pixels": (a_picture("JPEG", (4200, 3000), "L", quality=1), "picture_too_large"),
    "too many bytes": (a_picture() + bytes(2_000_000), "picture_too_large"),
    "promises more than it has": (a_png_that_claims(3_000, 3_000), "picture_unreadable"),
    "no pixels": (a_png_that_claims(0, 10), "picture_not_supported"),
    "cut png": (a_picture(size=(300, 300))[:4_000], "picture_unreadable"),
    "cut jpeg": (a_picture("JPEG", (300, 300))[:4_000], "picture_unreadable"),
    "cut webp": (a_picture("WEBP", (300, 300))[:4_000], "picture_unreadable"),
    "damaged png": (a_picture().replace(b"IDAT\x78", b"IDAT\x00", 1)[:-20], "picture_unreadable"),
    "comment of 100 MB": (a_text_bomb(), "picture_unreadable"),
}
