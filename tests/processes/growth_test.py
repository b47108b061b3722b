"""An experiment whose cluster grows, and gets a node back, while it runs."""

import csv
import json
import os
import threading

import support
from support import ProcessTest, wait_until

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..",
                        "examples")
# Long enough for three starts of a node.
RATE = 40 / support.PATIENCE
TEXT = f'''[experiment]
name = "growing"
rows_max = 600
rate = {RATE}
[summary_tree]
epoch_rows = 20
'''


class GrowthTest(ProcessTest):
    names = ("alpha", "bravo", "charlie")

    def setUp(self):
        super().setUp()
        self.alpha = self.node("alpha")
        self.bravo = self.node("bravo", bootstrap=[self.alpha.address])
        wait_until(lambda: self.alpha.knows(self.bravo), 10, "the pair is up")

    def run_in_background(self):
        out = os.path.join(self.place, "out")
        outcome = {}

        def run():
            lines = support.ask(
                self.alpha.control, "POST", "/v1/experiments",
                {"file": os.path.join(self.place, "growing.toml"),
                 "text": TEXT, "out": out,
                 "data": os.path.abspath(os.path.join(EXAMPLES, "data"))},
                timeout=300)[1]
            outcome.update(json.loads(lines.splitlines()[-1]))
        worker = threading.Thread(target=run)
        worker.start()
        self.addCleanup(worker.join)
        return out, outcome, worker

    def nodes_noted(self, step):
        return [line for line in self.alpha.audited("experiment.node")
                if "charlie" in line and step in line]

    def test_a_node_joins_is_lost_and_comes_back(self):
        out, outcome, worker = self.run_in_background()
        charlie = self.node("charlie", bootstrap=[self.alpha.address])
        wait_until(lambda: self.nodes_noted(" came,"), 10, "it takes part")
        charlie.kill()
        wait_until(lambda: self.nodes_noted("is lost"), 10, "it is missed")
        charlie.start()
        wait_until(lambda: self.nodes_noted("came back"), 10, "it is back")
        self.assertTrue(worker.is_alive(), outcome)
        worker.join(60 * support.PATIENCE)
        self.assertEqual({"at_end": 3, "joined": 2, "lost": 1},
                         outcome["result"]["nodes"], outcome)
        self.check_tree(out)
        self.check_events(out)

    def check_tree(self, out):
        """Epochs went by way of the node that came, and it knows of all."""
        with open(os.path.join(out, "summary.json")) as file:
            seats = {x["name"]: x for x in json.load(file)["nodes"]}
        self.assertEqual({"alpha", "bravo", "charlie"}, set(seats))
        self.assertEqual([0, 0, 2], [seats[x]["joined"] for x in self.names])
        for name, seat in seats.items():
            tree = seat["tree"]
            self.assertGreater(tree["epochs_closed"], 0, name)
            self.assertAlmostEqual(3, tree["population_agents"], 6, name)

    def check_events(self, out):
        with open(os.path.join(out, "events.csv")) as file:
            rows = [row for row in csv.DictReader(file)
                    if row["kind"] == "node"]
        self.assertEqual([("", "up"), ("up", "down"), ("down", "up")],
                         [(row["from"], row["to"]) for row in rows])
        self.assertEqual({"charlie"}, {row["node"] for row in rows})
