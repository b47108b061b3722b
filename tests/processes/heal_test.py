"""A part of a node that fails comes back, and the node goes on: its roles, what
was spawned under a supervisor, and a link that breaks."""

from support import ProcessTest, wait_until


class HealTest(ProcessTest):
    names = ("alpha", "bravo")

    def setUp(self):
        super().setUp()
        self.bravo = self.node("bravo")
        self.link = self.proxy_to(self.bravo)
        self.alpha = self.node(
            "alpha", listen=False,
            bootstrap=[f"{self.link.address}#{self.bravo.id}"])
        wait_until(self.is_whole, 10, "the pair knows each other")

    def is_whole(self):
        return (self.alpha.knows(self.bravo) and self.bravo.knows(self.alpha)
                and self.bravo.id in self.alpha.peers())

    def spawned_on(self, node):
        return [a["name"] for a in node.get("/v1/actors")["actors"]]

    def witness(self, request):
        # A spawner that is new doesn't know what the old one spawned.
        if "witness" not in self.spawned_on(self.alpha):
            self.alpha.spawn("witness", "witness")
        return self.alpha.call("witness", request, on=self.alpha)

    def check_works(self, name):
        """All roles do their part: members, sessions, routes, spawning."""
        def works():
            if not self.is_whole():
                return False
            self.alpha.get("/v1/routes/bravo")
            if name not in self.spawned_on(self.bravo):
                self.alpha.spawn("echo", name, on=self.bravo)
            answer = self.alpha.call(name, "hello", on=self.bravo)
            return answer["heard"] == "hello"
        wait_until(works, 15, f"all works again, {name}")

    def test_roles_that_crash_come_back(self):
        for role in ("router", "membership", "spawner", "mesh"):
            with self.subTest(role=role):
                before = len(self.alpha.audited("role.restarted"))
                self.witness({"crash": role})
                wait_until(lambda: len(self.alpha.audited("role.restarted"))
                           > before, 10, f"{role} restarts")
                self.check_works("after-" + role)

    def test_a_detector_that_crashes_comes_back(self):
        self.alpha.spawn("supervisor", "guard", options={
            "children": [{"name": name, "type": "detector",
                          "options": {"features": 4}}
                         for name in ("judge", "other")]})

        def children():
            found = self.witness({"children": {"supervisor": "guard"}})
            return {child["name"]: child for child in found}
        before = children()
        for crashes in range(1, 4):
            dead = children()["judge"]["actor"]
            self.witness({"crash_child": {"supervisor": "guard",
                                          "child": "judge"}})
            wait_until(lambda: children()["judge"]["actor"] not in (0, dead),
                       10, "another judge is there")
            self.assertEqual(crashes, children()["judge"]["restarts"])
        # Nobody else was touched.
        self.assertEqual(before["other"], children()["other"])
        self.check_works("after-detector")

    def test_a_link_that_breaks_is_replaced(self):
        self.alpha.spawn("echo", "parrot", on=self.bravo)
        for broken in range(1, 4):
            self.link.break_all()
            wait_until(lambda: len(self.alpha.audited("session.ended"))
                       >= broken, 10, "the end is noticed")
            self.check_works(f"after-{broken}")
        # What lived there lives on.
        answer = self.alpha.call("parrot", "hello", on=self.bravo)
        self.assertEqual("hello", answer["heard"])
