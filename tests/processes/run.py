#!/usr/bin/env python3
"""Runs the program as its users do: whole nodes, each in a process of its own.

    tests/processes/run.py PROGRAM PLUGIN_FOLDER [unittest names]

Without names all files run, a few at a time, for they wait more than they work.
CTest runs it as `processes`. Traffic stays on loopback, files in scratch folders.
"""

import concurrent.futures
import glob
import os
import resource
import subprocess
import sys
import time
import unittest

import support

AT_A_TIME = 3
# A file takes some seconds; one that takes longer than that hangs.
FILE_TIMEOUT_S = 150


class Result(unittest.TextTestResult):
    """Says how long each test took."""

    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def stopTest(self, test):
        super().stopTest(test)
        print(f"    {test.id()}: {time.monotonic() - self.began:.1f} s",
              flush=True)


def run_here(names):
    support.PROGRAM = os.path.abspath(sys.argv[1])
    support.PLUGINS = os.path.abspath(sys.argv[2])
    # As many connections as the system lets one have.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    suite = unittest.TestLoader().loadTestsFromNames(names)
    outcome = unittest.TextTestRunner(stream=sys.stdout,
                                      resultclass=Result).run(suite)
    return outcome.wasSuccessful() and outcome.testsRun > 0


def run_file(name):
    # Its own nodes end with it: it gets time for that before it is ended.
    child = subprocess.Popen(
        [sys.executable, "-B", os.path.abspath(__file__), *sys.argv[1:3], name],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        out, _ = child.communicate(timeout=FILE_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        child.send_signal(2)
        out, _ = child.communicate(timeout=60)
        out += f"\n{name} hung\n"
    return child.returncode == 0, f"== {name}\n{out}"


def run_all():
    folder = os.path.dirname(os.path.abspath(__file__))
    # The longest first.
    files = ["strangers_test", "relay_test", "failure_test"]
    files += sorted({os.path.basename(path)[:-3] for path
                     in glob.glob(os.path.join(folder, "*_test.py"))}
                    - set(files))
    began = time.monotonic()
    well = True
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        for done, out in pool.map(run_file, files):
            print(out, flush=True)
            well = well and done
    print(f"processes: {time.monotonic() - began:.1f} s")
    return well


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    names = sys.argv[3:]
    sys.exit(0 if (run_here(names) if names else run_all()) else 1)


if __name__ == "__main__":
    main()
