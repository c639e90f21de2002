"""Charts as SVG text, no library behind them. Colours are CSS classes of page.css, so that they follow the page's theme."""
import html
import math

WIDTH, HEIGHT = 560, 320
LEFT, RIGHT, TOP, BOTTOM = 58, 16, 14, 44
NARROW, AXIS = 480, 20  # width of bars that fit a telephone; height of the numbers at an axis
LETTER = 6.8  # width of one in the names beside bars, on average


def text(x, y, content, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{html.escape(str(content))}</text>'


def number(value):
    if value == 0:
        return "0"
    for size, name in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:g}{name}"
    return f"{value:g}"


class Scale:
    """Logarithmic, from data to pixels."""

    def __init__(self, values, start, end, pad=1.25):
        values = [v for v in values if v > 0] or [1, 10]
        self.low, self.high = math.log10(min(values) / pad), math.log10(max(values) * pad)
        self.start, self.end = start, end

    def __call__(self, value):
        share = (math.log10(max(value, 1e-30)) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self):
        """1, 2 and 5 times powers of ten where there is room, else the powers alone; even steps where the range is narrow."""
        steps = (1, 2, 5) if self.high - self.low < 2.2 else (1,)
        found = [s * 10.0 ** e for e in range(math.floor(self.low), math.ceil(self.high) + 1) for s in steps]
        found = [t for t in found if self.low <= math.log10(t) <= self.high]
        if len(found) > 2:
            return found
        low, high = 10 ** self.low, 10 ** self.high
        step = 10.0 ** math.floor(math.log10((high - low) / 2))
        step *= next(s for s in (5, 2, 1) if s * step <= (high - low) / 2)
        return [round(i * step, 12) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def frame(content, label):
    return (f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(label)}">' + "".join(content) + "</svg>")


def axes(x, y, x_name, y_name, x_ticks=None):
    parts = []
    for tick in y.ticks():
        at = y(tick)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(text(LEFT - 6, at + 4, number(tick), "tick", "end"))
    for value, name in x_ticks or [(t, number(t)) for t in x.ticks()]:
        parts.append(f'<line class="grid" x1="{x(value):.1f}" x2="{x(value):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        half = LETTER * len(name) / 2
        parts.append(text(min(x(value), WIDTH - half), HEIGHT - BOTTOM + 16, name, "tick", "middle"))
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x_name, "axis", "middle"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(f'<g transform="rotate(-90 14 {middle:.0f})">{text(14, middle, y_name, "axis", "middle")}</g>')
    return parts


class Even(Scale):
    """The same, in even steps."""

    def __init__(self, values, start, end):
        self.low, self.high = min(values), max(max(values), min(values) + 1)
        self.start, self.end = start, end

    def __call__(self, value):
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self):
        step = max(1, round((self.high - self.low) / 6))
        return range(int(self.low), int(self.high) + 1, step)


def scatter(line, points, x_name, y_name, label):
    """`line`: [(x, y)]; `points`: [(x, y, class, tip)]."""
    x = Even([p[0] for p in points], LEFT + 10, WIDTH - RIGHT - 10)
    y = Scale([p[1] for p in points], HEIGHT - BOTTOM, TOP, 1.05)
    parts = axes(x, y, x_name, y_name)
    parts.append('<polyline class="line kiln" points="' + " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in line) + '"/>')
    for a, b, kind, tip in points:
        parts.append(f'<circle class="dot {kind}" cx="{x(a):.1f}" cy="{y(b):.1f}" r="4"><title>{html.escape(tip)}</title></circle>')
    return frame(parts, label)


def lines(series, x_name, y_name, x_ticks, label):
    """`series`: {name: (class, [(x, y, tip)])}."""
    every = [p for _, points in series.values() for p in points]
    x = Scale([p[0] for p in every] + [v for v, _ in x_ticks], LEFT, WIDTH - RIGHT, 1.6)
    y = Scale([p[1] for p in every], HEIGHT - BOTTOM, TOP)
    parts = axes(x, y, x_name, y_name, x_ticks)
    for name, (kind, points) in series.items():
        points = sorted(points)
        path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b, _ in points)
        parts.append(f'<polyline class="line {kind}" points="{path}"/>')
        for a, b, tip in points:
            parts.append(f'<circle class="dot {kind}" cx="{x(a):.1f}" cy="{y(b):.1f}" r="4"><title>{html.escape(name)}: '
                         f'{html.escape(tip)}</title></circle>')
    return frame(parts, label)


def roofline(levels, peak, points, label):
    """`levels`: [(name, bytes a second)]; `peak`: operations a second; `points`: [(class, intensity, rate, tip)]."""
    x_values = [p[1] for p in points] + [peak / b for _, b in levels] + [0.1]
    x = Scale(x_values, LEFT, WIDTH - RIGHT, 1.5)
    y = Scale([p[2] for p in points] + [peak, peak / 50], HEIGHT - BOTTOM, TOP, 1.5)
    floor = 10 ** y.low
    left, right = 10 ** x.low, 10 ** x.high
    parts = axes(x, y, "multiplications a byte moved", "multiplications a second")
    for i, (name, rate) in enumerate(levels):
        start = max(left, floor / rate)
        corner = min(peak / rate, right)
        parts.append(f'<line class="roof" x1="{x(start):.1f}" y1="{y(start * rate):.1f}" x2="{x(corner):.1f}" '
                     f'y2="{y(corner * rate):.1f}"><title>{html.escape(name)}: {1e-9 * rate:.0f} GB/s</title></line>')
        at = start * 1.25 * 1.6 ** (i % 2)  # names of neighbours at two heights
        parts.append(text(x(at) - 5, y(at * rate) - 3, name, "tick", "end"))
    corner = min(peak / rate for _, rate in levels)
    parts.append(f'<line class="roof" x1="{x(corner):.1f}" y1="{y(peak):.1f}" x2="{x(right):.1f}" y2="{y(peak):.1f}"/>')
    parts.append(text(x(right) - 4, y(peak) - 6, f"fused multiply-adds: {1e-9 * peak:.0f} G", "tick", "end"))
    for kind, intensity, rate, tip in points:
        parts.append(f'<circle class="dot {kind}" cx="{x(intensity):.1f}" cy="{y(rate):.1f}" r="5"><title>'
                     f'{html.escape(tip)}</title></circle>')
    return frame(parts, label)


def bars(rows, unit, label, narrow=False):
    """Horizontal bars from 1 on a logarithmic scale: `rows` are (name, class, value, tip). Names stand left of the bars, or, where
    the chart is to be narrow, over them."""
    wide, bar, over = (NARROW, 10, 16) if narrow else (2 * WIDTH + 60, 14, 0)
    labels = 6 if narrow else 20 + LETTER * max(len(r[0]) for r in rows)
    pitch, end_of_axis = over + bar + 6, wide - 60
    bottom = AXIS + len(rows) * pitch
    x = Scale([r[2] for r in rows] + [1.0], labels, end_of_axis, 1.15)
    parts = bar_axis(x, bottom, unit, (labels, end_of_axis))
    base = x(1.0)
    for i, (name, kind, value, tip) in enumerate(rows):
        top = AXIS + i * pitch + over + 3
        start, end = sorted((base, x(value)))
        parts.append(text(labels, top - 4, fitting(name, wide - labels), "label") if narrow else text(labels - 10, top + 11, name, "label", "end"))
        parts.append(f'<rect class="bar {kind}" x="{start:.1f}" y="{top}" width="{max(end - start, 1):.1f}" height="{bar}" rx="2">'
                     f'<title>{html.escape(tip)}</title></rect>')
        parts.append(text(end + 5, top + bar - 2, f"{value:.3g}{unit}", "value"))
    parts.append(f'<line class="one" x1="{base:.1f}" x2="{base:.1f}" y1="{AXIS - 4}" y2="{bottom}"/>')
    parts.append(text(base, bottom + AXIS + 14, "as fast", "tick", "middle"))
    return (f'<svg class="{"narrow" if narrow else "wide"}" viewBox="0 0 {wide} {bottom + AXIS + 20}" role="img" '
            f'aria-label="{html.escape(label)}">' + "".join(parts) + "</svg>")


def fitting(name, room):
    """As much of it as fits."""
    letters = int(room / LETTER) - 1
    return name if len(name) <= letters else name[:letters - 1] + "\u2026"


def bar_axis(x, bottom, unit, between):
    """Ticks over and under the bars, as far apart as their numbers need, with a line through the bars each."""
    parts, last = [], -math.inf
    for tick in x.ticks():
        at, name = x(tick), f"{number(tick)}{unit}"
        if at - last < LETTER * (len(name) + 1) or not between[0] <= at <= between[1]:
            continue
        last = at
        parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{AXIS - 4}" y2="{bottom}"/>')
        parts += [text(at, y, name, "tick", "middle") for y in (AXIS - 8, bottom + AXIS - 4)]
    return parts
