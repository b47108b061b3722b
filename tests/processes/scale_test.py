"""Whole flocks of agents, small ones, as `experiment scale` runs them."""

import csv
import json
import os
import subprocess
import tempfile
import unittest

import support


def run_scale(*arguments):
    done = subprocess.run(
        [support.PROGRAM, "experiment", "scale", *arguments, "--json"],
        capture_output=True, text=True, timeout=120)
    return done.returncode, json.loads(done.stdout)


class ScaleTest(unittest.TestCase):
    def test_all_agents_are_judged_and_all_that_crosses_is_counted(self):
        with tempfile.TemporaryDirectory() as folder:
            code, found = run_scale("--agents", "20,120", "--out", folder)
            self.assertEqual(0, code, found)
            with open(os.path.join(folder, "scale.csv")) as table:
                self.assertEqual(["20", "120"],
                                 [row["agents"] for row in csv.DictReader(table)])
            with open(os.path.join(folder, "scale.html")) as page:
                self.assertIn("<svg", page.read())
        small, large = found["flock"]
        self.assertEqual((2, 2), (small["nodes"], large["nodes"]))
        for one in (small, large):
            batches = one["agents"] * one["rows"] // 30
            crossing = one["crossing_by_type"]
            # Each batch goes to a detector on another node, and is answered.
            for kind in ("behaviour_rows", "rows_taken"):
                self.assertEqual(batches,
                                 crossing["starling::" + kind]["messages"])
            # In each of four epochs two nodes tell each other of their agents.
            self.assertGreaterEqual(
                crossing["starling::summary_up"]["messages"], 4)
            self.assertEqual(0, one["epochs_incomplete"])
            self.assertEqual(one["agents"],
                             one["quarantined"]["guilty"]
                             + one["quarantined"]["honest"])
        self.assertGreaterEqual(large["quarantined"]["recall"], 0.5)
        self.assertEqual(120 * 119, found["pairwise"][1]["messages"])

    def test_the_same_seed_gives_the_same_verdicts(self):
        first, second = (run_scale("--agents", "40", "--rows", "120")[1]
                         ["flock"][0] for _ in range(2))
        for key in ("quarantined", "isolated", "quarantine_actions",
                    "found_by_kind"):
            self.assertEqual(first[key], second[key])
        other = run_scale("--agents", "40", "--rows", "120", "--seed",
                          "2")[1]["flock"][0]
        self.assertNotEqual(first["crossing"], other["crossing"])
