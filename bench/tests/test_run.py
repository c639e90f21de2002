"""`bench run`: what it writes, what it refuses, what it keeps."""
import json
import pathlib
import signal
import subprocess
import sys
import time
import unittest

from support import BUILD, ROOT, BenchTest

sys.path.insert(0, str(ROOT))
from bench import microarchitecture, peers, workers  # noqa: E402


class Runs(BenchTest):
    def test_results_hold_each_case_and_how_it_was_obtained(self):
        self.run_bench()
        found = self.results()
        self.assertTrue(found["complete"])
        self.assertEqual([r["case"] for r in found["rows"]], ["tanh/L1/contiguous", "layer_norm/L1/contiguous"])
        for row in found["rows"]:
            names = [c["name"] for c in row["implementations"]]
            self.assertIn("copy/memcpy", names)
            self.assertIn(f"kiln/exact/{found['machine']['isas'][0]}", names)
            for implementation in row["implementations"]:
                self.assertEqual((implementation["obtained"], implementation["unit"]), ("measured", "seconds"))
                self.assertEqual(implementation["best"], min(implementation["samples"]))
                self.assertGreater(implementation["best"], 0)
        self.assertGreater(found["roof"][0]["flops_per_second"], 0)

    def test_errors_stand_beside_speeds(self):
        self.run_bench(python=True)
        kinds = {"tanh": "ulp", "layer_norm": "absolute"}
        for row in self.results()["rows"]:
            for implementation in row["implementations"]:
                if implementation["name"].startswith("kiln/"):
                    self.assertEqual(implementation["error_kind"], kinds[row["op"]])
                    limit = 1e-6 if row["op"] == "layer_norm" else 1 if "exact" in implementation["name"] else 4
                    self.assertLess(0, implementation["error"])
                    self.assertLess(implementation["error"], limit)

    def test_every_instruction_set_of_the_cpu(self):
        self.run_bench("--isa", "baseline", small=["--case", "^batch_norm.*/L1/", "--threads", "2", "--rounds", "1"])
        rows = self.results()["rows"]
        self.assertEqual(len(rows), 4)
        for row in rows:
            self.assertIn("kiln/exact/baseline", [c["name"] for c in row["implementations"]])

    def test_a_peer_that_is_absent_is_left_out_by_name(self):
        # A Python without PyTorch and ONNX Runtime: .venv's own.
        text = self.run_bench(python=True)
        software = self.results()["software"]
        self.assertIn("onednn", software["absent"])
        for name, why in software["absent"].items():
            self.assertEqual(text.count(f"{name} ({why})"), 2, text)  # before the cases and behind them
        self.assertEqual({*software["absent"], *software["peers"]}, set(peers.KINDS))

    def test_a_run_without_peers_says_that_none_was_run(self):
        text = self.run_bench()
        self.assertEqual(set(self.results()["software"]["absent"]), set(peers.KINDS))
        self.assertIn("torch.compile (a run without Python's peers)", text)

    def test_the_machine_and_the_day_are_known(self):
        self.run_bench()
        machine = self.results()["machine"]
        self.assertRegex(self.results()["started"], r"^20\d\d-\d\d-\d\dT")
        self.assertEqual(machine["microarchitecture"], microarchitecture.of(machine))
        if machine["architecture"] == "x86_64":
            self.assertRegex(machine["cpu_model"], r"^\w+ \d+ \d+$")

    def test_a_record_takes_cases_by_name_too(self):
        self.run_bench("--record")
        self.assertEqual(len(self.results()["rows"]), 2)

    def test_a_finished_file_makes_way(self):
        self.run_bench()
        started = self.results()["started"]
        self.run_bench()
        self.assertEqual(json.loads((self.folder / "out.previous.json").read_text())["started"], started)


class SlowCases(BenchTest):
    def test_each_has_its_factor(self):
        text = self.run_bench(small=["--case", "^(rows-of-8|window-of-101)-.*/cliffs/", "--threads", "1", "--rounds", "1"])
        rows = self.results()["rows"]
        self.assertGreaterEqual(len(rows), 4)
        for row in rows:
            best = {c["name"].split("/")[0]: c["best"] for c in row["implementations"]}
            factor = best["kiln"] / row["bytes"] / (best["plain"] / row["plain"]["bytes"])
            shown = next(line for line in text.splitlines() if line.startswith(f"| {row['case'].split('/')[0]} |"))
            self.assertIn(f" | {factor:.2g} | - |" if factor < 100 else f" | {factor:.0f} | - |", shown)

    def test_every_layout_is_computed_from_its_own_elements(self):
        self.run_bench(python=True, small=["--case", "^(transposed|strides|rows-of-3|three).*(tanh|-normalize)", "--threads", "1",
                                           "--rounds", "1", "--round-ms", "0.1"])
        rows = self.results()["rows"]
        self.assertEqual({r["layout"] for r in rows}, {"contiguous", "channels_last", "padded", "transposed", "column"})
        for row in rows:
            for implementation in row["implementations"]:
                if implementation["name"].startswith("kiln/exact"):
                    limit = 1 if row["op"] == "tanh" else 1e-6
                    self.assertLess(0, implementation["error"], row["case"])
                    self.assertLess(implementation["error"], limit, row["case"])

    def test_data_is_what_its_name_says(self):
        self.run_bench(python=True, small=["--case", "^data-tanh", "--threads", "1", "--rounds", "1", "--round-ms", "0.1"])
        errors = {r["data"]: c["error"] for r in self.results()["rows"] for c in r["implementations"]
                  if c["name"].startswith("kiln/exact")}
        self.assertEqual(set(errors), {"subnormal", "huge", "outliers", "nan", "infinite", "constant"})
        for data, error in errors.items():
            if data == "nan":
                self.assertIsNone(error)
            else:
                self.assertLess(error, 1, data)


class Refusals(BenchTest):
    def test_unknown_case(self):
        text = self.run_bench(small=["--case", "tanhh"], status=2)
        self.assertIn("--case tanhh", text)
        self.assertIn("layer_norm", text)
        self.assertFalse(self.out.exists())

    def test_not_a_regular_expression(self):
        self.assertIn("--case tanh(", self.run_bench(small=["--case", "tanh("], status=2))

    def test_unknown_instruction_set(self):
        self.assertIn("--isa mmx: this CPU runs", self.run_bench("--isa", "mmx", status=2))

    def test_file_of_another_schema_is_not_touched(self):
        for content in ('{"schema": "other-7"}', "[1, 2]", "not JSON"):
            self.out.write_text(content)
            self.assertIn(str(self.out), self.run_bench(status=2))
            self.assertEqual(self.out.read_text(), content)

    def test_numbers(self):
        self.assertIn("--rounds", self.run_bench("--rounds", "0", status=2))
        self.assertIn("--round-ms", self.run_bench("--round-ms", "-1", status=2))


# A runner's first words: three requests go through, describe, roof and the first case.
THREE = 'i=0; while [ $i -lt 3 ] && read -r line; do printf "%s\\n" "$line"; i=$((i+1)); done | "$@"; '


class Runners(BenchTest):
    def test_one_that_works(self):
        self.run_bench("--runner", self.runner('exec "$@"'))
        self.assertEqual(len(self.results()["rows"]), 2)

    def test_emulated_is_no_speed(self):
        self.run_bench("--runner", self.runner('exec "$@"'), "--emulated")
        self.assertEqual({c["obtained"] for r in self.results()["rows"] for c in r["implementations"]}, {"emulated"})

    def test_one_that_dies_keeps_what_is_finished(self):
        text = self.run_bench("--runner", self.runner(THREE + 'exit 7'), status=2)
        self.assertIn("ended with status 7", text)
        self.check_kept_and_continued()

    def test_one_that_hangs_is_stopped(self):
        text = self.run_bench("--runner", self.runner(THREE + 'sleep 600'), "--limit", "20", status=2)
        self.assertIn("gave no answer in 20 s", text)
        self.assertEqual(len(self.results()["rows"]), 1)

    def check_kept_and_continued(self):
        kept = self.results()
        self.assertFalse(kept["complete"])
        self.assertEqual([r["case"] for r in kept["rows"]], ["tanh/L1/contiguous"])
        self.runner('exec "$@"')
        text = self.run_bench("--runner", str(self.folder / "runner.sh"))
        self.assertIn("1 of 2 are finished", text)
        self.assertEqual(self.results()["rows"][0], kept["rows"][0])
        self.assertTrue(self.results()["complete"])

    def test_programs_are_sent_through_the_runner(self):
        there = self.folder / "there"
        self.run_bench("--runner", self.runner('[ "$1" = "${1#*/bin/}" ] && exec "$@"'), "--send-to", there)
        self.assertEqual(len(self.results()["rows"]), 2)
        sent, = there.iterdir()
        self.assertEqual(sent.read_bytes(), pathlib.Path(f"{BUILD}/bin/kiln_bench").read_bytes())

    def test_sending_that_cannot_be(self):
        self.assertIn("--send-to: expected --runner", self.run_bench("--send-to", "there", status=2))
        self.assertIn("expected a path of letters", self.run_bench("--runner", "env", "--send-to", "a b", status=2))
        text = self.run_bench("--runner", self.runner("echo no room >&2; exit 3"), "--send-to", "there", status=2)
        self.assertIn("ended with status 3: no room", text)

    def test_one_that_cannot_start(self):
        self.assertIn("cannot start", self.run_bench("--runner", "/nowhere/runner", status=2))

    def test_one_that_speaks_no_json(self):
        self.assertIn("not JSON: 'Welcome'", self.run_bench("--runner", self.runner('echo Welcome; exec "$@"'), status=2))


class Memory(unittest.TestCase):
    def test_a_worker_with_too_much_is_started_anew(self):
        for memory, stays in ((1 << 40, True), (1 << 10, False)):
            worker = workers.RestartingWorker([f"{BUILD}/bin/kiln_bench"], 60, memory)
            self.addCleanup(worker.stop)
            pids = []
            for _ in range(2):
                self.assertIn("machine", worker.ask({"do": "describe"}))
                pids.append(worker.worker and worker.worker.process.pid)
            self.assertEqual(pids[0] == pids[1] and pids[0] is not None, stays)


class Interrupted(BenchTest):
    def test_finished_cases_stay_and_the_next_run_continues(self):
        words = [sys.executable, "-B", "-m", "bench", "run", "--build", BUILD, "--no-python", "--out", str(self.out), "--case",
                 "/L1/", "--threads", "1", "--rounds", "20", "--round-ms", "5"]
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        deadline = time.monotonic() + 120
        while not (self.out.exists() and self.results()["rows"]):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, text)
        self.assertIn("Interrupted", text)
        self.assertFalse(self.results()["complete"])
        self.assertGreaterEqual(len(self.results()["rows"]), 1)


if __name__ == "__main__":
    unittest.main()
