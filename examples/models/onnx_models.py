"""The models of ONNX, whose weights lie in packages: what each is asked, and how its package runs with other sessions."""
import dataclasses
import importlib.util
import pathlib
from collections.abc import Callable

import numpy as np

import pictures
import sound


@dataclasses.dataclass
class OnnxModel:
    """A model, or several that work together."""

    name: str
    title: str
    package: str
    files: dict  # the files of weights by what they do
    answer: Callable  # of the sessions by the same names, and the question
    question: Callable  # what is asked
    branch: bool | None = None  # of If nodes, the one that is taken
    wrong: Callable = None  # says what of an answer is not what was drawn or spoken; nothing where all is
    same: Callable = None  # says what differs between two answers beyond the bound
    bound: str = ""  # in words


def folder_of(package):
    """Where a package is installed, without importing it."""
    return pathlib.Path(importlib.util.find_spec(package).origin).parent


# rapidocr: PP-OCR, which finds lines of text and reads them.

SCORE_BOUND = 1e-4  # of a line's score, between 0 and 1
CORNER_BOUND = 1  # of a box's corner, in pixels: rapidocr rounds them


def ocr_models():
    from rapidocr import RapidOCR  # noqa: F401, says what is missing

    models = folder_of("rapidocr") / "models"
    return {"det": next(models.glob("*_det_*.onnx")), "rec": next(models.glob("*_rec_*.onnx"))}


def read_text(sessions, picture):
    """[(text, score, corners)] of a picture."""
    from rapidocr import RapidOCR

    engine = RapidOCR(params={"Global.log_level": "error", "Global.use_cls": False})
    engine._load_det_model().session.session = sessions["det"]
    engine._load_rec_model().session.session = sessions["rec"]
    result = engine(np.array(picture)[:, :, ::-1])
    return [(text, float(score), np.asarray(box).tolist()) for text, score, box in zip(result.txts, result.scores, result.boxes)]


def text_is_wrong(answer):
    wanted = [text for text, *_ in pictures.LINES]
    return "" if [text for text, *_ in answer] == wanted else f"the page says {wanted}"


def text_differs(one, other):
    if [text for text, *_ in one] != [text for text, *_ in other]:
        return "the texts"
    scores = max((abs(a[1] - b[1]) for a, b in zip(one, other)), default=0)
    corners = max((np.abs(np.subtract(a[2], b[2])).max() for a, b in zip(one, other)), default=0)
    return "" if scores <= SCORE_BOUND and corners <= CORNER_BOUND else f"scores by {scores:.1e}, corners by {corners:.1f}"


# silero-vad, which says where somebody speaks.

PROBABILITY_BOUND = 1e-4


def vad_models():
    """The one whose LSTM is written out, so that its gates are nodes."""
    return {"vad": folder_of("silero_vad") / "data" / "silero_vad_op18_ifless.onnx"}


def find_speech(sessions, audio):
    """(segments in samples, probability of speech for each 512 samples)"""
    import torch
    from silero_vad.utils_vad import OnnxWrapper, get_speech_timestamps

    wrapper = OnnxWrapper(str(vad_models()["vad"]), force_onnx_cpu=True)
    wrapper.session = sessions["vad"]
    probabilities = []

    def model(chunk, rate):
        found = wrapper(chunk, rate)
        probabilities.append(float(found))
        return found

    model.reset_states = wrapper.reset_states
    model.reset_states()
    segments = get_speech_timestamps(torch.from_numpy(audio), model, sampling_rate=sound.RATE)
    return [(found["start"], found["end"]) for found in segments], probabilities


def speech_is_wrong(answer):
    """A segment is to begin and end within a quarter of a second of the voice, which silero-vad surrounds with some silence."""
    places = sound.speech()[1]
    far = [abs(at / sound.RATE - wanted) for pair, place in zip(answer[0], places) for at, wanted in zip(pair, place)]
    return "" if len(answer[0]) == len(places) and max(far) < 0.25 else f"the voice is at {places}"


def speech_differs(one, other):
    if one[0] != other[0]:
        return "the segments"
    far = max((abs(a - b) for a, b in zip(one[1], other[1])), default=0)
    return "" if far <= PROBABILITY_BOUND else f"probabilities by {far:.1e}"


# ddddocr's detector, which finds letters that stand anywhere (YOLOX).


def find_letters(sessions, picture):
    """Boxes (left, top, right, bottom), by their left sides."""
    from ddddocr.core.detection_engine import DetectionEngine

    engine = DetectionEngine()
    engine.session = sessions["det"]
    return sorted(tuple(int(v) for v in box) for box in engine.get_bbox(pictures.png(picture)))


def boxes_are_wrong(answer):
    """Each letter's middle is to be in one box."""
    middles = pictures.scattered()[1]
    held = [sum(left <= x <= right and top <= y <= low for left, top, right, low in answer) for x, y in middles]
    return "" if held == [1] * len(answer) else f"the letters are at {middles}"


def boxes_differ(one, other):
    return "" if one == other else "the boxes"


def onnx_models():
    return [
        OnnxModel("rapidocr", "PP-OCR reads a page", "rapidocr", ocr_models, read_text, pictures.page, wrong=text_is_wrong, same=text_differs,
                  bound=f"the same texts, scores within {SCORE_BOUND}, corners within {CORNER_BOUND} pixel"),
        OnnxModel("silero-vad", "silero-vad finds speech", "silero_vad", vad_models, find_speech, lambda: sound.speech()[0],
                  branch=True, wrong=speech_is_wrong, same=speech_differs,
                  bound=f"the same segments, probabilities within {PROBABILITY_BOUND}"),
        OnnxModel("ddddocr", "ddddocr finds letters", "ddddocr", lambda: {"det": folder_of("ddddocr") / "common_det.onnx"},
                  find_letters, lambda: pictures.scattered()[0],
                  wrong=boxes_are_wrong, same=boxes_differ, bound="the same boxes"),
    ]
