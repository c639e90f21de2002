"""The places of functions in ort_abi.h are those of the installed ONNX Runtime: what is written by one is read by another."""
import ctypes
import pathlib
import re
import unittest

import onnxruntime

HEADER = pathlib.Path(__file__).resolve().parents[2] / "native" / "onnxruntime" / "ort_abi.h"
# Functions that only the tests call, which stand next to those that are used.
CREATE_KEY_VALUE_PAIRS, ADD_KEY_VALUE_PAIR = 295, 296
GET_OPERATOR_TYPE, GET_DOMAIN, GET_SINCE_VERSION, GET_EXECUTION_PROVIDER = 34, 35, 36, 37
VOID, TEXT = ctypes.c_void_p, ctypes.c_char_p


def places():
    """Of both tables, by name, as the header has them."""
    for text in re.split(r"^// OrtEpApi$", HEADER.read_text(), flags=re.MULTILINE):
        yield {name: int(place) for name, place in re.findall(r"(\w+)\{\s*(\d+)\s*\}", text)}


class Table:
    def __init__(self, address, names):
        self.address, self.names = address, names

    def __getitem__(self, name):
        place = self.names.get(name, name)
        return ctypes.cast(self.address, ctypes.POINTER(VOID))[place]

    def call(self, name, result, *arguments):
        kinds = [type(a) if isinstance(a, ctypes._SimpleCData) else VOID for a in arguments]
        return ctypes.CFUNCTYPE(result, *kinds)(self[name])(*arguments)

    def make(self, name, *arguments):
        """What a function writes through its last argument, after a status of success."""
        made = VOID()
        status = self.call(name, VOID, *arguments, ctypes.addressof(made))
        assert status is None, name
        return made


class Abi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        paths = list((pathlib.Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so.*"))
        if not paths:
            raise unittest.SkipTest("onnxruntime has no library beside the one of Python")
        base = ctypes.CDLL(str(paths[0])).OrtGetApiBase
        base.restype = ctypes.POINTER(VOID)
        get_api, version = base()[0], base()[1]
        cls.version = ctypes.CFUNCTYPE(TEXT)(version)().decode()
        api_names, ep_names = places()
        oldest = int(re.search(r"kApiVersion = (\d+)", HEADER.read_text())[1])
        cls.api = Table(ctypes.CFUNCTYPE(VOID, ctypes.c_uint32)(get_api)(oldest), api_names)
        cls.ep_api = Table(cls.api.call("get_ep_api", VOID), ep_names)

    def test_all_are_there(self):
        self.assertEqual(self.version, onnxruntime.__version__)
        for table in (self.api, self.ep_api):
            self.assertGreater(len(table.names), 15)
            places = list(table.names.values())
            self.assertEqual(places, sorted(set(places)))
            for name in table.names:
                self.assertTrue(table[name], name)

    def test_statuses(self):
        status = VOID(self.api.call("create_status", VOID, ctypes.c_int(9), TEXT(b"some text")))
        self.assertEqual(self.api.call("get_error_message", TEXT, status), b"some text")
        self.api.call("release_status", None, status)

    def test_key_value_pairs(self):
        pairs = VOID()
        self.api.call(CREATE_KEY_VALUE_PAIRS, None, ctypes.addressof(pairs))
        self.api.call(ADD_KEY_VALUE_PAIR, None, pairs, TEXT(b"key"), TEXT(b"value"))
        keys, values, count = ctypes.POINTER(TEXT)(), ctypes.POINTER(TEXT)(), ctypes.c_size_t()
        self.api.call("get_key_value_pairs", None, pairs, *map(ctypes.addressof, (keys, values, count)))
        self.assertEqual((count.value, keys[0], values[0]), (1, b"key", b"value"))
        self.api.call("release_key_value_pairs", None, pairs)

    def test_kernel_definitions(self):
        builder = self.ep_api.make("create_kernel_def_builder")
        for name, text in (("set_operator_type", b"Tanh"), ("set_domain", b"of.tests"), ("set_execution_provider", b"Tests")):
            self.assertIsNone(self.ep_api.call(name, VOID, builder, TEXT(text)))
        self.assertIsNone(self.ep_api.call("set_since_version", VOID, builder, ctypes.c_int(6), ctypes.c_int(13)))
        kind = self.ep_api.make("get_tensor_data_type", ctypes.c_int(1))
        self.assertIsNone(self.ep_api.call("add_type_constraint", VOID, builder, TEXT(b"T"), ctypes.addressof(kind),
                                           ctypes.c_size_t(1)))
        place = ctypes.c_int(0)
        self.assertIsNone(self.ep_api.call("add_input_output_mutable_aliases", VOID, builder, ctypes.addressof(place),
                                           ctypes.addressof(place), ctypes.c_size_t(1)))
        kernel = self.ep_api.make("build_kernel_def", builder)
        self.ep_api.call("release_kernel_def_builder", None, builder)
        said = [self.ep_api.call(getter, TEXT, kernel) for getter in (GET_OPERATOR_TYPE, GET_DOMAIN, GET_EXECUTION_PROVIDER)]
        self.assertEqual(said, [b"Tanh", b"of.tests", b"Tests"])
        first, last = ctypes.c_int(), ctypes.c_int()
        self.ep_api.call(GET_SINCE_VERSION, VOID, kernel, ctypes.addressof(first), ctypes.addressof(last))
        self.assertEqual((first.value, last.value), (6, 13))
        registry = self.ep_api.make("create_kernel_registry")
        self.ep_api.call("release_kernel_registry", None, registry)
        self.ep_api.call("release_kernel_def", None, kernel)
