"""The main experiment, as an operator runs it: in one process and on a running
cluster, with figures that an evaluation of its own confirms."""

import csv
import gzip
import itertools
import json
import os
import subprocess

import support
from support import ProcessTest

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..",
                        "examples")
# Who ran it, when, and how long it took.
APART = {"started", "duration_s", "us_per_vector", "bytes", "node"}


def labels_of(entity):
    path = os.path.join(EXAMPLES, "data", entity + ".test.csv.gz")
    with gzip.open(path, "rt") as rows:
        return [int(float(row["label"])) for row in csv.DictReader(rows)]


def figures_of(labels, scores):
    """AUC-ROC, AUC-PR (average precision) and best F1 from their definitions:
    each row by itself, rows of equal score together."""
    positive = sum(labels)
    negative = len(labels) - positive
    ranked = sorted(zip(scores, labels), key=lambda x: -x[0])
    hits = alarms = 0
    ordered = area = best = 0.0
    for _, tied in itertools.groupby(ranked, key=lambda x: x[0]):
        tied = [label for _, label in tied]
        new = sum(tied)
        others = len(tied) - new
        # Pairs of which this one is ranked before, ties counting a half.
        ordered += others * (hits + new / 2)
        hits += new
        alarms += len(tied)
        area += new / positive * hits / alarms
        best = max(best, 2 * hits / (alarms + positive))
    return {"auc_roc": ordered / (positive * negative), "auc_pr": area,
            "best_f1": best}


def without(tree, names):
    """Returns a JSON tree without what lies under these names."""
    if isinstance(tree, dict):
        return {key: without(value, names) for key, value in tree.items()
                if key not in names}
    if isinstance(tree, list):
        return [without(value, names) for value in tree]
    return tree


class ExperimentTest(ProcessTest):

    def setUp(self):
        super().setUp()
        self.cluster = os.path.join(self.place, "lab.toml")
        with open(self.cluster, "w") as out:
            out.write('''[cluster]
name = "lab"
directory = "lab"
nodes = 3
[[base.spawn.allow]]
from = "*"
types = ["*"]
quota = 1000
''')
        self.addCleanup(self.starling, "down", self.cluster)

    def starling(self, *words):
        return subprocess.run([support.PROGRAM, *words], cwd=self.place,
                              capture_output=True, text=True, timeout=100)

    def run_spine(self, name, *words):
        out = os.path.join(self.place, name)
        file = os.path.join(EXAMPLES, "experiments", "spine.toml")
        ran = self.starling("experiment", "run", file, "--out", out, "--json",
                            *words)
        self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
        self.assertEqual(3, json.loads(ran.stdout)["entities"])
        return out

    @staticmethod
    def read(*where):
        with open(os.path.join(*where)) as file:
            return file.read()

    def test_the_main_experiment(self):
        alone = self.run_spine("alone")
        up = self.starling("up", self.cluster)
        self.assertEqual(0, up.returncode, up.stderr)
        shared = self.run_spine("shared", "--cluster", self.cluster)
        self.check_same(alone, shared)
        for folder in (alone, shared):
            self.check_figures(folder)
            self.check_events(folder)
            self.check_report(folder)

    def test_rows_without_an_incident_have_no_ranking(self):
        file = os.path.join(self.place, "calm.toml")
        with open(file, "w") as out:
            out.write('[experiment]\nname = "calm"\nrows_max = 50\n'
                      f'data = "{os.path.abspath(EXAMPLES)}/data"\n')
        up = self.starling("up", self.cluster)
        self.assertEqual(0, up.returncode, up.stderr)
        for where in ([], ["--cluster", self.cluster]):
            ran = self.starling("experiment", "run", file, *where)
            self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
            line = next(x for x in ran.stdout.splitlines()
                        if x.startswith("flock"))
            self.assertEqual(["-", "-"], line.split()[1:3], ran.stdout)
            self.assertIn("3 at the end; 0 joined, 0 lost" if where else
                          "5 at the end; 0 joined, 0 lost", ran.stdout)

    def check_same(self, alone, shared):
        self.assertEqual(self.read(alone, "scores.csv"),
                         self.read(shared, "scores.csv"))
        summaries = [json.loads(self.read(folder, "summary.json"))
                     for folder in (alone, shared)]
        self.assertEqual({"lab-1", "lab-2", "lab-3"}
                         & {x["name"] for x in summaries[1]["nodes"]},
                         {x["name"] for x in summaries[1]["nodes"]})
        for summary in summaries:
            del summary["nodes"]
        self.assertEqual(*(without(x, APART) for x in summaries))

    def check_figures(self, folder):
        with open(os.path.join(folder, "scores.csv")) as file:
            rows = list(csv.DictReader(file))
        self.assertEqual({"entity", "t", "score", "level"}, set(rows[0]))
        summary = json.loads(self.read(folder, "summary.json"))
        ours = []
        for entity in summary["entities"]:
            labels = labels_of(entity["name"])
            mine = [row for row in rows if row["entity"] == entity["name"]]
            # A score for every test row, in their order.
            self.assertEqual([str(t) for t in range(len(labels))],
                             [row["t"] for row in mine])
            for row in mine:
                self.assertTrue(0 <= float(row["level"]) <= 1, row)
            ours.append(figures_of(labels, [float(r["score"]) for r in mine]))
        theirs = summary["methods"][0]["raw"]["families"]["all"]
        for figure in ("auc_roc", "auc_pr", "best_f1"):
            mean = sum(x[figure] for x in ours) / len(ours)
            self.assertAlmostEqual(mean, theirs[figure], 6, figure)
        # Beside it two simple ones, which it has to beat.
        baselines = [m for m in summary["methods"] if m["role"] == "baseline"]
        self.assertEqual(["robust-z", "ewma-z"], [m["name"] for m in baselines])
        for baseline in baselines:
            self.assertLess(baseline["raw"]["families"]["all"]["auc_pr"],
                            theirs["auc_pr"])

    def check_events(self, folder):
        with open(os.path.join(folder, "events.csv")) as file:
            rows = list(csv.DictReader(file))
        zones = {(row["from"], row["to"]) for row in rows
                 if row["kind"] == "zone"}
        for step in (("TRUSTED", "MONITORED"), ("MONITORED", "QUARANTINED"),
                     ("QUARANTINED", "MONITORED"), ("MONITORED", "TRUSTED")):
            self.assertIn(step, zones)
        # Who was cut off was refused, and traffic went other ways.
        work = " ".join(row["detail"] for row in rows
                        if row["kind"] == "work")
        self.assertRegex(work, r"re-routed [1-9]")
        self.assertRegex(work, r"refused [1-9]")

    def check_report(self, folder):
        report = self.read(folder, "report.html")
        for part in ("<svg", "AUC-PR", "AUC-ROC", "best F1", "Median delay",
                     "Cost", "Zone changes", "QUARANTINED", "robust-z",
                     "ewma-z", "incident"):
            self.assertIn(part, report)
        # A page of its own: it loads nothing.
        for part in ("src=\"http", "href=\"http", "<script src", "@import"):
            self.assertNotIn(part, report)
