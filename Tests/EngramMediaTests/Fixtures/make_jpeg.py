#!/usr/bin/env python3
"""Makes JPEG/*.jpg and jpeg.tsv: name, width, height, mode, CRC-32 of the pixels as Pillow decodes and turns them.

Pillow has its own libjpeg-turbo, so it is the second decoder that ours is compared with. Run in this folder; made with
Pillow 13.0.0. Files that are refused have the mode they were made in and no CRC.
"""
import io
import pathlib
import zlib

from PIL import Image, ImageOps

folder = pathlib.Path("JPEG")
folder.mkdir(exist_ok=True)
rows = []


def picture(width, height, mode="RGB"):
    """Smooth colours with edges: something for every frequency."""
    image = Image.new("RGB", (width, height))
    image.putdata([
        ((7 * x + 3 * y) % 256, (x * y) % 256, 255 if (x // 5 + y // 3) % 2 else 20) for y in range(height) for x in range(width)
    ])
    return image.convert(mode)


def keep(name, data, mode=None):
    (folder / name).write_bytes(data)
    if mode:
        rows.append((name, "", "", mode, ""))
        return
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    rows.append((name, image.width, image.height, image.mode, f"{zlib.crc32(image.tobytes()):08x}"))


def jpeg(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **options)
    return buffer.getvalue()


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


keep("gray.jpg", jpeg(picture(37, 23, "L"), quality=80))
keep("rgb420.jpg", jpeg(picture(37, 23), quality=75, subsampling=2))
keep("rgb422.jpg", jpeg(picture(33, 17), quality=90, subsampling=1))
keep("rgb444.jpg", jpeg(picture(16, 16), quality=95, subsampling=0, optimize=True))
keep("rgb-kept.jpg", jpeg(picture(20, 12), quality=95, keep_rgb=True))
keep("progressive.jpg", jpeg(picture(45, 31), quality=80, progressive=True))
keep("progressive-gray.jpg", jpeg(picture(45, 31, "L"), quality=60, progressive=True))
keep("restarts.jpg", jpeg(picture(64, 40), quality=70, restart_marker_blocks=2))
for orientation in range(2, 9):
    keep(f"turned{orientation}.jpg", jpeg(picture(21, 13), quality=85, exif=turned(orientation)))
keep("trailing.jpg", jpeg(picture(24, 16), quality=80) + b"ftypmp42" + bytes(100))
keep("cmyk.jpg", jpeg(picture(16, 16, "CMYK"), quality=80), "CMYK")
keep("one-pixel.jpg", jpeg(picture(1, 1), quality=80))
pathlib.Path("jpeg.tsv").write_text(
    "name\twidth\theight\tmode\tcrc32\n" + "".join("\t".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
