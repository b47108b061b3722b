"""Verdicts with consensus and without, measured by the command that users run.
Short: what is checked is who is contained when, not how fast."""

import json
import shutil
import subprocess
import tempfile
import unittest

import support


def measure(*arguments):
    done = subprocess.run([support.PROGRAM, "experiment", *arguments, "--json"],
                          capture_output=True, text=True, timeout=120)
    return done.returncode, json.loads(done.stdout)


class ConsensusTest(unittest.TestCase):
    def test_containment_needs_nobody(self):
        code, found = measure("containment", "--verdicts", "20")
        self.assertEqual(0, code, found)
        only, = found["figures"]
        self.assertGreater(only["alarms"], 10)
        self.assertEqual(only["alarms"], only["contained"])
        self.assertEqual(only["work_sent"], only["refused"])

    def test_without_etcd_it_says_so(self):
        code, found = measure("consensus", "--etcd", "/no/such/etcd")
        self.assertEqual(1, code)
        self.assertIn("skipped", found["error"]["text"])

    @unittest.skipUnless(shutil.which("etcd"), "etcd is not installed")
    def test_consensus_waits_for_a_majority(self):
        with tempfile.TemporaryDirectory() as scratch:
            code, found = measure("consensus", "--quick", "--scratch", scratch)
        self.assertEqual(0, code, found)
        by = {(f["phase"], f["mode"]): f for f in found["figures"]}
        for (phase, mode), one in by.items():
            # All are contained in the end, whatever was broken.
            with self.subTest(phase=phase, mode=mode):
                self.assertGreater(one["alarms"], 10)
                self.assertEqual(one["alarms"], one["contained"])
                self.assertEqual(one["work_sent"], one["refused"])
        parted = by["no-quorum", "consensus"]
        self.assertGreater(parted["alarms_broken"], 10)
        # What was under way when the members stopped may get through.
        self.assertLessEqual(parted["contained_broken"], 2)
        # With two of three members there is a majority, but not for the nodes
        # that watch the third one.
        parted = by["leader-parted", "consensus"]
        self.assertLessEqual(parted["contained_broken"], 2)
        self.assertGreater(parted["cuts_broken"], 0)
        for phase in ("no-quorum", "leader-parted"):
            alone = by[phase, "free"]
            self.assertGreater(alone["alarms_broken"], 10)
            self.assertGreaterEqual(alone["contained_broken"],
                                    alone["alarms_broken"] - 2)
