"""A sound with two stretches of a synthetic voice: a pulse train through the resonances of a mouth that goes from vowel to
vowel (Klatt, "Software for a cascade/parallel formant synthesizer", 1980, has the idea)."""
import numpy as np

RATE = 16000  # Hz
#: The first three resonances of vowels in Hz (Peterson and Barney, 1952, men).
FORMANTS = {"a": (730, 1090, 2440), "e": (530, 1840, 2480), "i": (270, 2290, 3010), "o": (570, 840, 2410), "u": (300, 870, 2240)}
BANDWIDTHS = (70, 90, 120)  # Hz
SYLLABLE = 0.17  # s
#: What is spoken, and the silence before each and after the last, in s.
SPOKEN, PAUSE = ("aiueoaiueo", "oaeioaei"), 1.0


def resonance(signal, frequency, bandwidth):
    """A signal through one resonance, whose frequency has a value for each sample."""
    radius = np.exp(-np.pi * bandwidth / RATE)
    near, far = 2 * radius * np.cos(2 * np.pi * frequency / RATE), -radius * radius
    result = []
    last = before = 0.0
    for value, factor in zip(((1 - near - far) * signal).tolist(), near.tolist()):
        last, before = value + factor * last + far * before, last
        result.append(last)
    return np.array(result)


def voice(vowels, rng):
    """Vowels spoken, as one syllable each, with the melody of a sentence."""
    count = int(SYLLABLE * RATE) * len(vowels)
    time = np.arange(count) / RATE
    jitter = rng.standard_normal(count // 160 + 1).repeat(160)[:count]
    pitch = 120 * (1 + 0.12 * np.sin(2 * np.pi * 0.8 * time) - 0.1 * time / time[-1]) * (1 + 0.01 * jitter)
    phase = np.cumsum(pitch) / RATE % 1
    opened = np.where(phase < 0.6, 4 * phase / 0.6 * (1 - phase / 0.6), 0)  # the air that passes the vocal folds
    sound = 8 * np.diff(opened, prepend=0) + 0.02 * rng.standard_normal(count)
    targets = np.array([FORMANTS[vowel] for vowel in vowels])
    middles = (np.arange(len(vowels)) + 0.5) * SYLLABLE
    for column, bandwidth in enumerate(BANDWIDTHS):
        sound = resonance(sound, np.interp(time, middles, targets[:, column]), bandwidth)
    sound = resonance(sound, np.full(count, 3500.0), 200)
    loudness = np.clip(1.6 * np.abs(np.sin(np.pi * time / SYLLABLE)), 0.15, 1)
    return 0.5 * sound / np.abs(sound).max() * loudness


def speech(spoken=SPOKEN, pause=PAUSE, seed=0):
    """The sound, float32 in -1 to 1, and where the voice is, as pairs of seconds."""
    rng = np.random.default_rng(seed)
    silence = np.zeros(int(pause * RATE))
    parts, places, at = [silence], [], len(silence)
    for vowels in spoken:
        sound = voice(vowels, rng)
        places.append((at / RATE, (at + len(sound)) / RATE))
        parts += [sound, silence]
        at += len(sound) + len(silence)
    whole = np.concatenate(parts)
    return (whole + 0.001 * rng.standard_normal(len(whole))).astype(np.float32), places
