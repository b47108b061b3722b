"""A walk through the commands on a cluster of three, as an operator does it:
what they print, what they print for scripts, and how they end."""

import json
import os
import stat
import subprocess

import support
from support import ProcessTest, ask, wait_until

DONE, FAILED, USAGE, NOT_REACHABLE, REFUSED = range(5)


class CommandLineTest(ProcessTest):

    def setUp(self):
        super().setUp()
        self.file = os.path.join(self.place, "lab.toml")
        with open(self.file, "w") as out:
            out.write('''[cluster]
name = "lab"
directory = "lab"
[base.node]
heartbeat_interval = "500ms"
discovery_interval = "500ms"
gossip_interval = "300ms"
connection_timeout = "30s"
plugin_dirs = ["%s"]
[[base.spawn.allow]]
from = "*"
types = ["echo", "witness"]
quota = 6
[[node]]
name = "alpha"
[[node]]
name = "bravo"
[[node]]
name = "charlie"
''' % support.PLUGINS)
        self.lab = os.path.join(self.place, "lab")
        # What `up` starts outlives it; `down` knows the processes.
        self.addCleanup(self.run_program, "down", self.lab, "--patience", "3")

    def run_program(self, *words, env=None):
        around = dict(os.environ)
        around.pop("STARLING_CONTROL", None)
        around.update(env or {})
        return subprocess.run([support.PROGRAM, *words], cwd=self.place,
                              env=around, capture_output=True, text=True,
                              timeout=60)

    def starling(self, *words, code=DONE):
        """Runs a command on the cluster; returns what it printed."""
        ran = self.run_program("--cluster", self.lab, *words)
        self.assertEqual(code, ran.returncode, (words, ran.stdout, ran.stderr))
        # A failure is told where it is not taken for the answer.
        self.assertEqual(code == DONE, ran.stderr == "" or code == DONE)
        return ran.stdout if code == DONE else ran.stderr

    def starling_json(self, *words, code=DONE):
        ran = self.run_program("--json", "--cluster", self.lab, *words)
        self.assertEqual(code, ran.returncode, (words, ran.stdout, ran.stderr))
        return json.loads(ran.stdout)

    def test_a_walk_through_the_commands(self):
        self.check_without_a_cluster()
        up = self.run_program("--json", "up", self.file, "--timeout", "50")
        self.assertEqual(DONE, up.returncode, up.stdout + up.stderr)
        self.cluster = {n["name"]: n for n in json.loads(up.stdout)["nodes"]}
        self.assertEqual({"alpha", "bravo", "charlie"}, set(self.cluster))
        self.assertIn("ran already", self.starling("up", self.file))
        for step in (self.check_queries, self.check_actors,
                     self.check_control_socket, self.check_plugins,
                     self.check_identities, self.check_admission,
                     self.check_completion, self.check_audit,
                     self.check_down, self.check_tampering):
            with self.subTest(step=step.__name__):
                step()

    def check_without_a_cluster(self):
        version = json.loads(self.run_program("version", "--json").stdout)
        self.assertEqual({"starling", "caf", "botan"}, set(version))
        self.assertIn(version["starling"], self.run_program("version").stdout)
        helped = self.run_program("--help")
        self.assertEqual(DONE, helped.returncode)
        self.assertIn("Exit codes", helped.stdout)
        # Nobody is there yet.
        ran = self.run_program("members")
        self.assertEqual(NOT_REACHABLE, ran.returncode)
        self.assertIn("starling up", ran.stderr)
        ran = self.run_program("--control", os.path.join(self.place, "none"),
                               "status", "--json")
        self.assertEqual(NOT_REACHABLE, ran.returncode)
        self.assertEqual("unreachable", json.loads(ran.stdout)["error"]["code"])
        # A slip of the finger.
        ran = self.run_program("memebrs")
        self.assertEqual(USAGE, ran.returncode)
        self.assertIn("did you mean 'members'?", ran.stderr)
        self.assertEqual(USAGE, self.run_program().returncode)
        self.assertEqual(USAGE, self.run_program("spawn").returncode)
        broken = os.path.join(self.place, "broken.toml")
        with open(broken, "w") as out:
            out.write("[cluster]\nnodez = 3\n")
        ran = self.run_program("up", broken)
        self.assertEqual(FAILED, ran.returncode)
        self.assertIn("broken.toml:2", ran.stderr)
        self.assertIn("nodes", ran.stderr)

    def check_queries(self):
        members = self.starling_json("members")["members"]
        self.assertEqual(["alpha", "bravo", "charlie"],
                         sorted(m["name"] for m in members))
        self.assertEqual({"alive"}, {m["state"] for m in members})
        table = self.starling("members").splitlines()
        self.assertEqual(4, len(table))
        self.assertTrue(table[0].startswith("NODE"))
        wait_until(lambda: len(self.starling_json("peers")["peers"]) == 2, 10,
                   "all know each other")
        for peer in self.starling_json("peers")["peers"]:
            self.assertEqual("SECP384R1_ML_KEM_1024", peer["key_exchange"])
        self.assertIn("bravo", self.starling("peers"))
        status = self.starling_json("status")
        self.assertEqual("alpha", status["name"])
        self.assertEqual(self.cluster["alpha"]["id"], status["id"])
        self.assertIn("members", self.starling("status"))
        self.assertIn("echo", self.starling("types"))
        routes = self.starling_json("route")["routes"]
        self.assertEqual({"bravo", "charlie"}, {r["name"] for r in routes})
        way = self.starling_json("route", "bravo")
        # The way that measures best, which need not be the direct one.
        self.assertEqual("bravo", way["path"][-1]["name"])
        self.assertRegex(self.starling("route", "charlie"),
                         r"^here -> .*charlie  \(\d hop")
        # Each node has an opinion of its own, and of others none.
        opinions = {x["by"]: x for x in
                    self.starling_json("why", "bravo")["opinions"]}
        self.assertEqual({"alpha", "bravo", "charlie"}, set(opinions))
        self.assertEqual("TRUSTED", opinions["alpha"]["peer"]["zone"])
        self.assertNotIn("peer", opinions["bravo"])
        wait_until(lambda: self.starling_json("why", "bravo")["opinions"][0]
                   ["peer"]["deeds"], 10, "alpha sees what bravo does")
        self.assertIn("bravo, as charlie sees it", self.starling("why", "bravo"))
        self.assertIn("no node 'nobody'",
                      self.starling("why", "nobody", code=FAILED))
        self.assertIn("neither in quarantine",
                      self.starling("release", "bravo", code=FAILED))
        # The beginning of an id will do.
        short = self.cluster["bravo"]["id"][:10]
        self.assertIn("-> bravo  (", self.starling("route", short))
        self.starling("route", "nobody", code=FAILED)
        # Another node, by its socket or by the variable.
        for words, env in ((["--control", self.cluster["bravo"]["control"]],
                            {}),
                           ([], {"STARLING_CONTROL":
                                 self.cluster["bravo"]["control"]})):
            ran = self.run_program(*words, "status", "--json", env=env)
            self.assertEqual("bravo", json.loads(ran.stdout)["name"])

    def check_actors(self):
        self.assertIn("spawned echo 'parrot' on bravo",
                      self.starling("spawn", "echo", "--on", "bravo", "--name",
                                    "parrot", "--option", "text=polly"))
        # Found wherever it is.
        answer = self.starling_json("call", "parrot", '{"say": "hello"}')
        self.assertEqual({"say": "hello"}, answer["answer"]["heard"])
        self.assertEqual("polly", answer["answer"]["text"])
        self.assertEqual("bravo", answer["answer"]["node"])
        self.assertIn("polly", self.starling("call", "parrot"))
        listed = json.loads(self.run_program(
            "--control", self.cluster["bravo"]["control"], "actors",
            "--json").stdout)["actors"]
        self.assertEqual([("parrot", "alpha")],
                         [(a["name"], a["owner_name"]) for a in listed])
        self.starling("spawn", "no-such-type", code=FAILED)
        self.starling("spawn", "echo", "--option", "colour=red", code=FAILED)
        self.starling("spawn", "echo", "--option", "nothing", code=USAGE)
        self.starling("call", "nobody", code=FAILED)
        self.starling("call", "parrot", "{not json", code=USAGE)
        # What the node file doesn't allow, and more than it allows: half of the
        # quota, as a node this young has not proven itself.
        self.starling("spawn", "detector", "--on", "bravo", code=REFUSED)
        self.starling("spawn", "echo", "--on", "bravo")
        self.starling("spawn", "echo", "--on", "bravo")
        error = self.starling_json("spawn", "echo", "--on", "bravo",
                                   code=REFUSED)["error"]
        self.assertEqual("limit_reached", error["code"])

    def check_control_socket(self):
        for node in self.cluster.values():
            mode = os.stat(node["control"]).st_mode
            self.assertTrue(stat.S_ISSOCK(mode))
            self.assertEqual(0o600, stat.S_IMODE(mode))
            folder = os.stat(os.path.dirname(node["control"])).st_mode
            self.assertEqual(0o700, stat.S_IMODE(folder))
        control = self.cluster["alpha"]["control"]
        self.assertEqual((200, "alive\n"), ask(control, "GET", "/alive"))
        self.assertEqual((200, "ready\n"), ask(control, "GET", "/ready"))
        status, metrics = ask(control, "GET", "/metrics")
        self.assertEqual(200, status)
        for line in metrics.splitlines():
            self.assertRegex(line, r"^(# (HELP|TYPE) |[a-z_]+(\{.*\})? \S+$)")
        self.assertRegex(metrics, r"(?m)^starling_peers 2$")
        self.assertEqual(404, ask(control, "GET", "/nothing")[0])
        for body in ("{", "[]", "{" * 100_000):
            ran = subprocess.run(
                ["curl", "--silent", "--unix-socket", control, "--data-binary",
                 "@-", "--output", "-", "--write-out", "%{http_code}",
                 "http://node/v1/spawn"],
                input=body, capture_output=True, text=True, timeout=20)
            self.assertIn(ran.stdout[-3:], ("400", "413"), ran)
        # The node is none the worse.
        self.assertEqual(200, ask(control, "GET", "/alive")[0])

    def check_plugins(self):
        listed = self.starling_json("plugin", "list")["plugins"]
        self.assertEqual(["witness"], [p["name"] for p in listed])
        self.assertIn("1.0.0", self.starling("plugin", "list"))
        self.assertIn("witness", self.starling("types"))

    def check_identities(self):
        shown = self.starling_json("identity", "show")["identities"]
        self.assertEqual({"(cluster)", *self.cluster},
                         {i["name"] for i in shown})
        self.assertEqual(
            {n["id"] for n in self.cluster.values()},
            {i["id"] for i in shown if i["name"] != "(cluster)"})
        for entry in shown:
            self.assertEqual(0o600,
                             stat.S_IMODE(os.stat(entry["file"]).st_mode))
            with open(entry["file"]) as key:
                self.assertIn("ENCRYPTED", key.read())
        key = os.path.join(self.place, "new.pem")
        made = self.starling_json("identity", "new", key)["identities"][0]
        self.assertEqual(
            made["id"],
            self.starling_json("identity", "show", key)["identities"][0]["id"])
        # An identity is never overwritten.
        self.starling("identity", "new", key, code=FAILED)

    def check_admission(self):
        token = self.starling("token", "new", "--lifetime", "60").strip()
        self.assertGreater(len(token), 64)
        self.starling("token", "new", "--lifetime", "0", code=USAGE)
        # Only the first node may invite.
        ran = self.run_program("--control", self.cluster["bravo"]["control"],
                               "token", "new")
        self.assertEqual(REFUSED, ran.returncode)
        self.check_newcomer(token)
        self.starling("revoke", "nobody", code=FAILED)
        told = self.starling("revoke", "charlie", "--reason", "it lies")
        self.assertIn("revoked " + self.cluster["charlie"]["id"][:12], told)
        gone = self.cluster["charlie"]["id"]
        wait_until(lambda: gone not in
                   [p["id"] for p in self.starling_json("peers")["peers"]], 10,
                   "charlie is out")
        # Gossip forgets it too; until then the session is refused.
        ran = self.run_program("--cluster", self.lab, "spawn", "echo", "--on",
                               "charlie")
        self.assertIn(ran.returncode, (FAILED, REFUSED), ran.stderr)

    def check_newcomer(self, token):
        """A token lets one node in, and no second one."""
        outcome = []
        for name in ("delta", "echo"):
            state = os.path.join(self.place, name)
            os.makedirs(state)
            file = os.path.join(state, "node.toml")
            with open(file, "w") as out:
                out.write(f'''[node]
name = "{name}"
state_dir = "{state}"
bootstrap = ["{self.cluster["alpha"]["addresses"][0]}"]
discovery_interval = "500ms"
connection_timeout = "30s"
[security]
join_token = "{token}"
''')
            log = open(os.path.join(state, "log"), "w")
            process = subprocess.Popen([support.PROGRAM, "node", file],
                                       stdout=log, stderr=log)
            control = os.path.join(state, "control.sock")

            def end():
                process.terminate()
                process.wait(10)
                log.close()
            try:
                def judged():
                    joined = os.path.exists(os.path.join(state,
                                                         "membership.bin"))
                    refused = "session.refused" in self.audit_of(state)
                    return "joined" if joined else \
                        "refused" if refused else None
                outcome.append(wait_until(judged, 15, f"{name} is judged"))
                self.assertEqual(200, ask(control, "GET", "/alive")[0])
            finally:
                end()
        self.assertEqual(["joined", "refused"], outcome)
        # The one that invited has written down why.
        refusals = [json.loads(line) for line in
                    self.audit_of(os.path.dirname(
                        self.cluster["alpha"]["control"])).splitlines()
                    if '"session.refused"' in line]
        self.assertTrue(any("token_refused" in x["detail"]["reason"]
                            and "used" in x["detail"]["reason"]
                            for x in refusals), refusals)

    @staticmethod
    def audit_of(state):
        with open(os.path.join(state, "audit", "audit.jsonl")) as log:
            return log.read()

    def check_completion(self):
        for shell in ("bash", "zsh", "fish"):
            script = self.starling("completion", shell)
            for word in ("members", "spawn", "audit", "verify"):
                self.assertIn(word, script)
        self.assertIn("members", subprocess.run(
            ["bash", "-c", 'eval "$SCRIPT"; COMP_WORDS=(starling mem); '
             'COMP_CWORD=1; COMP_LINE="starling mem"; COMP_POINT=12; '
             'complete -p starling >/dev/null || exit 1; '
             'f=$(complete -p starling | sed "s/.*-F \\([^ ]*\\).*/\\1/"); '
             '$f starling mem starling; echo "${COMPREPLY[@]}"'],
            env={**os.environ, "SCRIPT": self.starling("completion", "bash")},
            capture_output=True, text=True, timeout=20).stdout)
        self.starling("completion", "tcsh", code=USAGE)

    def check_audit(self):
        logs = self.starling_json("audit", "verify")["logs"]
        self.assertEqual({"alpha", "bravo", "charlie"},
                         {log["node"] for log in logs})
        for log in logs:
            self.assertTrue(log["intact"], log)
            self.assertGreater(log["entries"], 0)
        self.assertIn("intact", self.starling("audit", "verify"))

    def check_down(self):
        down = self.starling_json("down", self.lab)["nodes"]
        self.assertEqual({"stopped"}, {n["state"] for n in down})
        for node in self.cluster.values():
            self.assertFalse(os.path.exists(node["control"]))
            self.assertFalse(self.lives(node["pid"]))
        self.starling("members", code=NOT_REACHABLE)
        self.assertIn("did not run", self.starling("down", self.lab))

    @staticmethod
    def lives(pid):
        try:
            with open(f"/proc/{pid}/stat") as stat_file:
                # One that nobody has collected yet lives no more.
                return stat_file.read().rsplit(")", 1)[1].split()[0] != "Z"
        except FileNotFoundError:
            return False

    def check_tampering(self):
        """One bit of one entry, and the verdict names the entry."""
        before = self.starling_json("audit", "verify")["logs"]
        self.assertEqual({True}, {log["intact"] for log in before})
        path = next(log["log"] for log in before if log["node"] == "bravo")
        with open(path, "rb") as log:
            content = bytearray(log.read())
        at = content.index(b"session.established")
        content[at] ^= 1
        with open(path, "wb") as log:
            log.write(content)
        line = content[:at].count(b"\n") + 1
        logs = self.starling_json("audit", "verify", code=FAILED)["logs"]
        self.assertEqual({"alpha": True, "bravo": False, "charlie": True},
                         {log["node"]: log["intact"] for log in logs})
        problem = next(log["problem"] for log in logs if "problem" in log)
        self.assertEqual(line, problem["line"])
        ran = self.run_program("--cluster", self.lab, "audit", "verify")
        self.assertEqual(FAILED, ran.returncode)
        self.assertIn(f"audit.jsonl line {line})", ran.stdout)
