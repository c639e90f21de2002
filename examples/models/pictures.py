"""The pictures that the models read, drawn here in the font that Pillow brings."""
import base64
import io

import numpy as np

#: Lines of the page: the text, its size, and how far down it stands.
LINES = (("KILN MODELS", 52, 30), ("the same bits on every machine", 32, 110), ("Order 4071 / 28 November", 30, 170),
         ("silu mish softplus tanh", 28, 230), ("accuracy: exact, 1 ULP", 36, 300))
LETTERS = "KILN7"


def page(lines=LINES):
    """A picture of text, RGB."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (640, max(down + 2 * size for _, size, down in lines)), (250, 248, 240))
    draw = ImageDraw.Draw(picture)
    for text, size, down in lines:
        draw.text((30, down), text, font=ImageFont.load_default(size=size), fill=(30, 30, 60))
    return picture


def scattered(letters=LETTERS, seed=5):
    """A picture of letters that are turned and stand anywhere, on a speckled ground; and where, as x and y of their middles."""
    from PIL import Image, ImageDraw, ImageFont

    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (30 + 60 * len(letters), 200), (225, 230, 235))
    for _ in range(300):
        place = int(rng.integers(0, picture.width)), int(rng.integers(0, picture.height))
        picture.putpixel(place, tuple(int(v) for v in rng.integers(100, 220, 3)))
    middles = []
    for i, letter in enumerate(letters):
        tile = Image.new("RGBA", (70, 70))
        colour = tuple(int(v) for v in rng.integers(0, 130, 3))
        ImageDraw.Draw(tile).text((35, 35), letter, font=ImageFont.load_default(size=48), fill=colour, anchor="mm")
        tile = tile.rotate(float(rng.uniform(-30, 30)), resample=Image.Resampling.BICUBIC)
        corner = (10 + 60 * i, int(rng.integers(10, 120)))
        picture.paste(tile, corner, tile)
        middles.append((corner[0] + 35, corner[1] + 35))
    return picture, middles


def png(picture):
    stream = io.BytesIO()
    picture.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def data_url(picture):
    return "data:image/png;base64," + base64.b64encode(png(picture)).decode()
