#!/usr/bin/env python3
"""The workflows, the action and the templates have the structure that their readers want."""

import pathlib
import re
import subprocess
import sys
import unittest

try:
    import yaml
except ImportError:
    print("skipped: no python3-yaml on this system")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml")) + [ROOT / "ci/templates/github.yml"]
ACTION = ROOT / "ci/action/action.yml"


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


class Workflows(unittest.TestCase):
    def test_there_is_one(self):
        self.assertTrue(any(path.parent.name == "workflows" for path in WORKFLOWS))

    def test_structure(self):
        for path in WORKFLOWS:
            with self.subTest(path.name):
                workflow = load(path)
                # YAML 1.1 reads the key `on` as true.
                self.assertIn(True, workflow)
                self.assertEqual(workflow["permissions"], {"contents": "read"})
                for job in workflow["jobs"].values():
                    self.assertIn("runs-on", job)
                    self.assertLessEqual(job["timeout-minutes"], 60)
                    self.steps(job["steps"])

    def steps(self, steps):
        for step in steps:
            self.assertEqual(("run" in step) + ("uses" in step), 1, step)
            if "uses" in step:
                self.assertRegex(step["uses"], r"^(\./|[\w.-]+/[\w./-]+@v?\w+)")

    def test_every_section_of_the_tests_has_a_machine(self):
        listed = subprocess.run([ROOT / "ci/test", "list"], capture_output=True, text=True, check=True)
        sections = [name for name in listed.stdout.split() if name != "long"]
        job = load(ROOT / ".github/workflows/tests.yml")["jobs"]["section"]
        self.assertEqual(job["strategy"]["matrix"]["section"], sections)

    def test_no_pipe_swallows_an_exit_code(self):
        for path in WORKFLOWS:
            for job in load(path)["jobs"].values():
                for step in job["steps"]:
                    self.assertIsNone(re.search(r"\| *tee|\|\| *true", step.get("run", "")), step)

    def test_pull_requests_of_strangers_get_no_secrets(self):
        for path in WORKFLOWS:
            self.assertNotIn("pull_request_target", path.read_text(encoding="utf-8"))


class Action(unittest.TestCase):
    def test_structure(self):
        action = load(ACTION)
        self.assertEqual(action["runs"]["using"], "composite")
        for step in action["runs"]["steps"]:
            self.assertEqual(("run" in step) + ("uses" in step), 1, step)
            if "run" in step:
                self.assertEqual(step["shell"], "bash")
        for name, text in action["inputs"].items():
            self.assertTrue(text["description"], name)

    def test_every_input_reaches_the_script_and_every_setting_is_explained(self):
        action = load(ACTION)
        env = action["runs"]["steps"][0]["env"]
        used = set(re.findall(r"inputs\.([\w-]+)", ACTION.read_text(encoding="utf-8")))
        self.assertEqual(used, set(action["inputs"]))
        script = (ROOT / "ci/action/gate.sh").read_text(encoding="utf-8")
        head = script.split("set -euo")[0]
        for name in set(re.findall(r"GATE_[A-Z_]+", script)) | set(env):
            self.assertIn(f"#   {name} ", head, name)

    def test_outputs_are_set_by_the_script(self):
        script = (ROOT / "ci/action/gate.sh").read_text(encoding="utf-8")
        for name in load(ACTION)["outputs"]:
            self.assertIn(f"{name}=%s", script)


class Gitlab(unittest.TestCase):
    def test_structure(self):
        job = load(ROOT / "ci/templates/gitlab.yml")["performance"]
        self.assertTrue(job["script"])
        self.assertEqual(job["artifacts"]["when"], "always")
        self.assertTrue(job["artifacts"]["reports"]["junit"].endswith("junit.xml"))


class Shell(unittest.TestCase):
    def test_scripts_parse(self):
        for path in ("ci/action/gate.sh", "ci/gate", "ci/templates/gate.sh", "ci/actionlint/run"):
            subprocess.run(["bash", "-n", str(ROOT / path)], check=True)


if __name__ == "__main__":
    unittest.main()
