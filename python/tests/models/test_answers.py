"""The models of ONNX on small questions: what they find is what was drawn or spoken, on Kiln as stock, and their calls have
the bits of Kiln's functions."""
import pathlib
import tempfile
import unittest

from support import missing, needs

ONNX = ("onnx", "onnxruntime", "kiln.onnxruntime", "PIL")
if not missing(*ONNX):
    import onnx_models
    import onnx_run
    import pictures
    import sound
    from calls import digest


class Answers(unittest.TestCase):
    def ask(self, name, question):
        """The answer on Kiln, which is held to stock's, and the recorded calls."""
        model = next(model for model in onnx_models.onnx_models() if model.name == name)
        files = model.files()
        stock = model.answer({part: onnx_run.stock(file) for part, file in files.items()}, question)
        ours = model.answer({part: onnx_run.on_kiln(file) for part, file in files.items()}, question)
        with tempfile.TemporaryDirectory() as folder:
            recorders = {part: onnx_run.Recorder(file, pathlib.Path(folder), model.branch) for part, file in files.items()}
            recorded = model.answer(recorders, question)
        self.assertEqual(model.same(stock, ours), "")
        self.assertEqual(model.same(stock, recorded), "")
        self.wrong = model.wrong(ours)
        calls = [call for recorder in recorders.values() for call in recorder.calls]
        self.assertEqual([call.place for call in calls if digest(call.run()) != digest(call.output)], [])
        return ours, calls

    @needs(*ONNX, "rapidocr")
    def test_text(self):
        lines = (("Kiln 42", 40, 20),)
        found, calls = self.ask("rapidocr", pictures.page(lines))
        self.assertEqual([text for text, *_ in found], ["Kiln 42"])
        self.assertIn("KILN MODELS", self.wrong)  # what another page says
        self.assertEqual({call.operator for call in calls}, {"hardsigmoid", "sigmoid", "silu", "layer_norm", "rms_norm"})

    @needs(*ONNX, "silero_vad", "torch")
    def test_speech(self):
        audio, places = sound.speech(("aiueo",), 0.6)
        (segments, _), calls = self.ask("silero-vad", audio)
        self.assertEqual(len(segments), len(places))
        for (begin, end), (first, last) in zip(segments, places):
            self.assertLess(abs(begin / sound.RATE - first), 0.15)
            self.assertLess(abs(end / sound.RATE - last), 0.25)
        chunks = -(-len(audio) // 512)
        self.assertEqual(len(calls), 6 * chunks)  # an LSTM's gates, 3 sigmoid and 2 tanh, and the result's sigmoid

    @needs(*ONNX, "silero_vad", "torch")
    def test_silence(self):
        audio, _ = sound.speech((), 1.0)
        self.assertEqual(self.ask("silero-vad", audio)[0][0], [])

    @needs(*ONNX, "ddddocr")
    def test_letters(self):
        picture, middles = pictures.scattered()
        boxes, calls = self.ask("ddddocr", picture)
        self.assertEqual(self.wrong, "")
        self.assertIn("letters", onnx_models.boxes_are_wrong(boxes[1:]))
        self.assertEqual(len(boxes), len(middles))
        for x, y in middles:
            self.assertEqual(sum(left <= x <= right and top <= y <= low for left, top, right, low in boxes), 1)
        self.assertEqual(sum(call.operator in ("sigmoid", "silu") for call in calls), 80)


@needs(*ONNX)
class Differences(unittest.TestCase):
    def test_are_seen(self):
        line = ("text", 0.9, [[0, 0], [9, 0], [9, 9], [0, 9]])
        self.assertEqual(onnx_models.text_differs([line], [line]), "")
        self.assertIn("texts", onnx_models.text_differs([line], [("test", *line[1:])]))
        self.assertIn("scores", onnx_models.text_differs([line], [("text", 0.91, line[2])]))
        self.assertIn("corners", onnx_models.text_differs([line], [("text", 0.9, [[0, 0], [9, 0], [9, 9], [2, 9]])]))
        self.assertEqual(onnx_models.speech_differs(([(1, 2)], [0.5]), ([(1, 2)], [0.5])), "")
        self.assertIn("segments", onnx_models.speech_differs(([(1, 2)], [0.5]), ([(1, 3)], [0.5])))
        self.assertIn("probabilities", onnx_models.speech_differs(([(1, 2)], [0.5]), ([(1, 2)], [0.6])))
        self.assertIn("boxes", onnx_models.boxes_differ([(1, 2, 3, 4)], []))
