"""A node loads the plugins of a folder that its file names; one that is not as
it should be is told, and costs nothing but itself."""

import os
import shutil
import subprocess

import support
from support import ProcessTest, ask, wait_until

# Beside the witness: those that the unit tests load.
OTHERS = "../plugins"


class PluginsTest(ProcessTest):
    names = ("alpha", "bravo")

    def folder_of(self, *names):
        folder = os.path.join(self.place, "plugins")
        os.makedirs(folder, mode=0o755)
        for name in names:
            shutil.copy(os.path.join(support.PLUGINS, name), folder)
        return folder

    def test_bad_plugins_are_told_and_the_node_lives(self):
        folder = self.folder_of(
            "witness.so", *(f"{OTHERS}/{name}.so" for name in
                            ("counter", "same_name", "wrong_abi", "unresolved",
                             "no_entry", "throwing")))
        alpha = self.node("alpha", plugins=folder)
        plugins = {os.path.basename(p["path"]): p
                   for p in alpha.get("/v1/plugins")["plugins"]}
        for good in ("witness", "counter"):
            self.assertEqual(good, plugins[good + ".so"]["name"])
        with open(alpha.log) as log:
            told = log.read()
        for bad, code, why in (
                ("wrong_abi", "incompatible_plugin", "ABI"),
                ("unresolved", "incompatible_plugin",
                 "starling_function_of_tomorrow"),
                ("same_name", "duplicate_name", "counter"),
                ("no_entry", "incompatible_plugin", "starling_plugin")):
            with self.subTest(plugin=bad):
                error = plugins[bad + ".so"]["error"]
                self.assertEqual(code, error["code"])
                self.assertIn(why, error["text"])
                self.assertIn(bad + ".so", error["text"])
                self.assertIn(error["text"], told)
        self.assertIn("error", plugins["throwing.so"])
        self.assertEqual((200, "alive\n"), ask(alpha.control, "GET", "/alive"))
        alpha.spawn("witness", "one")
        self.assertEqual([], alpha.call("one", {"events": {}}))
        listed = subprocess.run(
            [support.PROGRAM, "--control", alpha.control, "plugin", "list"],
            capture_output=True, text=True, timeout=20)
        self.assertEqual(0, listed.returncode)
        self.assertIn("wrong_abi.so", listed.stdout)

    def test_a_type_of_a_plugin_is_spawned_from_a_node_without_it(self):
        bravo = self.node("bravo", plugins=self.folder_of("witness.so"))
        empty = os.path.join(self.place, "none")
        os.makedirs(empty)
        alpha = self.node("alpha", listen=False, plugins=empty,
                          bootstrap=[f"{bravo.address}#{bravo.id}"])
        wait_until(lambda: bravo.id in alpha.peers(), 10, "a session stands")
        self.assertRefused({"unknown_name"}, alpha.spawn, "witness", "here")
        alpha.spawn("witness", "there", on=bravo)
        self.assertEqual([], alpha.call("there", {"events": {}}, on=bravo))
