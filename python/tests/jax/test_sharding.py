"""Arrays on several devices: sharded.py in a process of its own."""
import os
import pathlib
import subprocess
import sys

from shared import *


class Sharding(JaxTest):
    def test_sharded(self):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run([sys.executable, str(pathlib.Path(__file__).with_name("sharded.py"))], env=environment, text=True,
                              check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"Ran [1-9]")


if __name__ == "__main__":
    unittest.main()
