"""What all process tests stand on: real nodes on loopback, asked over their
control sockets, a link that can be cut, and waits that end.

Nothing here waits for time to pass: it waits for a condition, for so long at
most. Only processes that were started here are ended, by their handles.
"""

import collections
import http.client
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

PROGRAM = None  # the program under test; run.py sets both
PLUGINS = None  # folder with the witness plugin

# Set by CTest for programs that a sanitizer watches: they are slow, and large.
SANITIZED = "STARLING_SANITIZED" in os.environ
PATIENCE = 5 if SANITIZED else 1

HEARTBEAT_S = 0.3 * PATIENCE
CONNECTION_TIMEOUT_S = 4
# A node counts a peer as gone at the beat after the third that stayed
# unanswered; the rest is for a machine that does other things too.
SILENCE_S = 4 * HEARTBEAT_S
SLACK_S = 6.0 * PATIENCE


def wait_until(condition, seconds, what):
    """Returns what the condition returned once that was true; fails after that
    many seconds of a program at full speed. An error of the connection counts
    as not yet."""
    seconds *= PATIENCE
    end = time.monotonic() + seconds
    pause = 0.005
    while True:
        last = None
        try:
            found = condition()
            if found:
                return found
            last = found
        except (OSError, Refused, http.client.HTTPException) as reason:
            last = reason
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s; last: {last}")
        select.select([], [], [], pause)
        pause = min(2 * pause, 0.05)


class Refused(Exception):
    """A node's answer that is an error."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        error = body.get("error", {}) if isinstance(body, dict) else {}
        self.code = error.get("code", "")
        self.text = error.get("text", "")


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def ask(control, verb, path, body=None, timeout=15):
    """Asks over a control socket; returns status and text."""
    connection = UnixConnection(control, timeout)
    try:
        payload = None if body is None else json.dumps(body)
        connection.request(verb, path, payload)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


Identity = collections.namedtuple("Identity", "name id key passphrase")


def make_identity(folder, name):
    key = os.path.join(folder, name + ".pem")
    made = subprocess.run([PROGRAM, "identity", "new", key, "--json"],
                          check=True, capture_output=True, timeout=20)
    content = json.loads(made.stdout)
    return Identity(name, content["identities"][0]["id"], key,
                    content["passphrase_file"])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Node:
    """One node in a process of its own, a child of this one."""

    def __init__(self, folder, identity, allow, listen=True, bootstrap=(),
                 dial="bootstrap", extra="", plugins=None):
        self.name = identity.name
        self.identity = identity
        self.id = identity.id
        self.state = os.path.join(folder, self.name)
        os.makedirs(self.state)
        self.control = os.path.join(self.state, "control.sock")
        self.log = os.path.join(self.state, "node.log")
        # Fixed, so that it comes back where it was.
        self.port = free_port() if listen else None
        self.address = f"tcp://127.0.0.1:{self.port}" if listen else None
        self.process = None
        self.file = os.path.join(self.state, "node.toml")
        listens = f'"{self.address}"' if listen else ""
        names = ", ".join(f'"{where}"' for where in bootstrap)
        ids = ", ".join(f'"{other.id}"' for other in allow)
        with open(self.file, "w") as out:
            out.write(f'''[node]
name = "{self.name}"
listen = [{listens}]
bootstrap = [{names}]
dial = "{dial}"
state_dir = "{self.state}"
plugin_dirs = ["{plugins or PLUGINS}"]
connection_timeout = "{CONNECTION_TIMEOUT_S}s"
heartbeat_interval = "{int(HEARTBEAT_S * 1000)}ms"
discovery_interval = "500ms"
gossip_interval = "300ms"
[security]
key_file = "{identity.key}"
passphrase_file = "{identity.passphrase}"
allow = [{ids}]
{extra}
[[spawn.allow]]
from = "*"
types = ["*"]
''')

    # -- its process ----------------------------------------------------------

    def start(self):
        read_end, write_end = os.pipe()
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "node", self.file, "--ready-fd", str(write_end)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=[write_end])
        os.close(write_end)
        try:
            ready = select.poll()
            ready.register(read_end, select.POLLIN)
            if not ready.poll(20_000):
                raise AssertionError(f"{self.name} is not ready in 20 s")
            if not os.read(read_end, 1):
                raise AssertionError(f"{self.name} ended: {self.last_lines()}")
        finally:
            os.close(read_end)
        return self

    @property
    def pid(self):
        return self.process.pid

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()

    def last_lines(self):
        with open(self.log) as log:
            return "".join(log.readlines()[-8:])

    def proc_status(self, key):
        """Returns a figure of /proc/PID/status; sizes in kB."""
        with open(f"/proc/{self.pid}/status") as status:
            for line in status:
                if line.startswith(key + ":"):
                    return int(line.split()[1])
        raise KeyError(key)

    def open_files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    # -- what it can be asked -------------------------------------------------

    def get(self, path, timeout=15):
        return self._answer(ask(self.control, "GET", path, None, timeout))

    def post(self, path, body, timeout=15):
        return self._answer(ask(self.control, "POST", path, body, timeout))

    @staticmethod
    def _answer(answer):
        status, text = answer
        body = json.loads(text)
        if status != 200:
            raise Refused(status, body)
        return body

    def spawn(self, kind, name, on=None, options=None):
        body = {"type": kind, "name": name, "options": options or {}}
        if on is not None:
            body["node"] = on.id
        return self.post("/v1/spawn", body)

    def call(self, actor, request, on=None, timeout=15):
        body = {"actor": actor, "request": request}
        if on is not None:
            body["node"] = on.id
        return self.post("/v1/call", body, timeout)["answer"]

    def peers(self):
        return {p["id"]: p for p in self.get("/v1/peers")["peers"]}

    def state_of(self, other):
        """Returns what the member list says of another node."""
        for member in self.get("/v1/members")["members"]:
            if member["id"] == other.id:
                return member["state"]
        return None

    def knows(self, other):
        return self.state_of(other) == "alive"

    def metrics(self):
        return ask(self.control, "GET", "/metrics")[1]

    def audited(self, kind):
        """Returns the entries of one kind in the audit log."""
        found = []
        folder = os.path.join(self.state, "audit")
        for name in sorted(os.listdir(folder)):
            if "jsonl" not in name:
                continue
            with open(os.path.join(folder, name)) as log:
                for line in log:
                    if f'"{kind}"' in line:
                        found.append(line)
        return found


class Proxy:
    """Stands between two nodes as a network would: forwards bytes until it is
    cut. Then it holds both connections and moves nothing, as a pulled cable
    does; nobody hears of an end."""

    def __init__(self, port):
        self.target = ("127.0.0.1", port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.cut = False
        self.breaks = False
        self.wake_read, self.wake_write = socket.socketpair()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def set_cut(self, cut):
        self.cut = cut
        self.wake_write.send(b"x")

    def break_all(self):
        """Ends all connections at once, new ones are forwarded."""
        self.breaks = True
        self.wake_write.send(b"x")

    def close(self):
        self.wake_write.close()
        self.thread.join(5)

    def _run(self):
        others = {}

        def drop(one):
            other = others.pop(one, None)
            one.close()
            if other is not None:
                others.pop(other, None)
                other.close()

        while True:
            waiting = [self.wake_read]
            if not self.cut:
                waiting += [self.listener] + list(others)
            for one in select.select(waiting, [], [])[0]:
                if one is self.wake_read:
                    over = not one.recv(16)
                    if over or self.breaks:
                        self.breaks = False
                        for left in list(others):
                            drop(left)
                    if over:
                        self.listener.close()
                        self.wake_read.close()
                        return
                elif one is self.listener:
                    came, _ = one.accept()
                    try:
                        to = socket.create_connection(self.target, 5)
                    except OSError:
                        came.close()
                        continue
                    others[came], others[to] = to, came
                elif one in others:
                    try:
                        data = one.recv(1 << 16)
                        if data:
                            others[one].sendall(data)
                        else:
                            drop(one)
                    except OSError:
                        drop(one)


class ProcessTest(unittest.TestCase):
    """A test with a scratch folder, identities and nodes that end with it."""

    names = ()

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="starling-processes-")
        cls.ids = {name: make_identity(cls.folder, name) for name in cls.names}

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    def setUp(self):
        self.nodes = []
        # UNIX sockets have short names.
        self.place = tempfile.mkdtemp(dir=self.folder)
        self.addCleanup(self._stop_nodes)

    def _stop_nodes(self):
        for node in reversed(self.nodes):
            node.stop()

    def node(self, name, **how):
        """Makes and starts a node that admits all others of the test."""
        allow = [one for one in self.ids.values() if one.name != name]
        place = tempfile.mkdtemp(dir=self.place)
        made = Node(place, self.ids[name], allow, **how)
        self.nodes.append(made)
        return made.start()

    def proxy_to(self, node):
        made = Proxy(node.port)
        self.addCleanup(made.close)
        return made

    def assertRefused(self, codes, function, *args, **kwargs):
        with self.assertRaises(Refused) as caught:
            function(*args, **kwargs)
        self.assertIn(caught.exception.code, codes, str(caught.exception))
        return caught.exception
