"""Pictures of answers and of times, as SVG."""
from html import escape

import numpy as np

import pictures
import sound

STOCK, KILN = "#8a94a6", "#c2542d"


def _svg(width, height, parts, label):
    return (f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}" '
            f'style="max-width:{width}px">{"".join(parts)}</svg>')


def lines_of_text(picture, lines):
    """A picture with the boxes of its lines, and under each what was read and its score."""
    parts = [f'<image href="{pictures.data_url(picture)}" width="{picture.width}" height="{picture.height}"/>']
    for text, score, corners in lines:
        points = " ".join(f"{x:.0f},{y:.0f}" for x, y in corners)
        (left, _), (_, low) = corners[0], max(corners, key=lambda corner: corner[1])
        parts.append(f'<polygon points="{points}" fill="none" stroke="{KILN}" stroke-width="2"/>')
        parts.append(f'<text x="{left:.0f}" y="{low + 14:.0f}" font-size="12" fill="{KILN}">{escape(text)} {score:.3f}</text>')
    return _svg(picture.width, picture.height, parts, "the page with the boxes of its lines")


def letters(picture, boxes):
    parts = [f'<image href="{pictures.data_url(picture)}" width="{picture.width}" height="{picture.height}"/>']
    parts += [f'<rect x="{x}" y="{y}" width="{right - x}" height="{low - y}" fill="none" stroke="{KILN}" stroke-width="2"/>'
              for x, y, right, low in boxes]
    return _svg(picture.width, picture.height, parts, "letters with the boxes that were found")


def waveform(audio, segments, probabilities, width=900, height=220):
    """The wave, the segments as a ground behind it, and under it the probability of speech."""
    scale, middle, low = width / len(audio), 80, height - 20
    parts = [f'<rect x="{a * scale:.1f}" y="0" width="{(b - a) * scale:.1f}" height="{low}" fill="{KILN}" opacity="0.18"/>'
             for a, b in segments]
    columns = np.array_split(audio, width)
    wave = " ".join(f"M{x},{middle - 78 * part.max():.1f}V{middle - 78 * part.min() + 0.5:.1f}" for x, part in enumerate(columns))
    parts.append(f'<path d="{wave}" stroke="#3a4658" fill="none"/>')
    points = " ".join(f"{(i + 0.5) * 512 * scale:.1f},{low - 38 * p:.1f}" for i, p in enumerate(probabilities))
    parts.append(f'<polyline points="{points}" fill="none" stroke="{KILN}" stroke-width="1.5"/>')
    parts.append(f'<path d="M0,{low}H{width}" stroke="#999"/>')
    for second in range(int(len(audio) / sound.RATE) + 1):
        x = second * sound.RATE * scale + 2
        parts.append(f'<text x="{x:.0f}" y="{height - 5}" font-size="11" fill="#666">{second} s</text>')
    for a, b in segments:
        text = f"{a / sound.RATE:.2f} to {b / sound.RATE:.2f} s"
        parts.append(f'<text x="{a * scale + 4:.0f}" y="14" font-size="12" fill="{KILN}">{text}</text>')
    return _svg(width, height, parts, "the wave with the segments that have speech, and its probability")


def bars(rows, width=640):
    """Times of stock and of Kiln beside each other: rows of (name, stock or None, Kiln or None)."""
    top = max((value for _, *pair in rows for value in pair if value), default=1)
    parts, label, step = [], 190, 34
    for i, (name, *pair) in enumerate(rows):
        parts.append(f'<text x="0" y="{i * step + 19}" font-size="12" fill="currentColor">{escape(name)}</text>')
        for j, (value, colour) in enumerate(zip(pair, (STOCK, KILN))):
            if value is None:
                continue
            length, y = max(1, (width - label - 80) * value / top), i * step + 3 + 12 * j
            parts.append(f'<rect x="{label}" y="{y}" width="{length:.1f}" height="10" fill="{colour}"/>')
            parts.append(f'<text x="{label + length + 4:.1f}" y="{y + 9}" font-size="10" fill="currentColor">'
                         f"{value:,.0f} us</text>")
    return _svg(width, max(1, len(rows)) * step, parts, "times of stock and of Kiln by type of node")
