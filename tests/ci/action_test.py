#!/usr/bin/env python3
"""The action's script on toy pull requests, in the environment that GitHub gives it.

Usage: action_test.py INFEROMETER; the toy's program prints what llama-bench would.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 else ""

def toy(nanoseconds):
    """A program that prints what llama-bench would of 16 tokens in that time."""
    rate = 16e9 / nanoseconds
    test = {"build_commit": "abc1234", "build_number": 1, "cpu_info": "Toy CPU", "gpu_info": "", "backends": "CPU",
            "model_filename": "toy.gguf", "model_type": "llama 1B Q8_0", "model_size": 1000000,
            "model_n_params": 1000000, "n_batch": 512, "n_ubatch": 512, "n_threads": 1, "n_gpu_layers": 0,
            "type_k": "f16", "type_v": "f16", "n_prompt": 0, "n_gen": 16, "n_depth": 0,
            "test_time": "2026-01-01T00:00:00Z", "avg_ns": nanoseconds, "stddev_ns": 0, "avg_ts": rate,
            "stddev_ts": 0, "samples_ns": [nanoseconds] * 3, "samples_ts": [rate] * 3}
    return f"#!/bin/sh\ncat <<'END'\n[{json.dumps(test)}]\nEND\n"


def git(folder, *words):
    subprocess.run(["git", "-C", str(folder), "-c", "user.name=toy", "-c", "user.email=toy@example.org",
                    "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false", *words],
                   check=True, capture_output=True)


class PullRequest(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.place.name)
        self.addCleanup(self.place.cleanup)
        origin = self.folder / "origin"
        origin.mkdir()
        git(origin, "init", "-q")
        self.commit(origin, toy(10_000_000))
        self.checkout = self.folder / "work"
        git(self.folder, "clone", "-q", str(origin), str(self.checkout))
        # The base branch goes on, and gets much slower: that is not the pull request's fault.
        self.commit(origin, toy(90_000_000))

    def commit(self, repository, program):
        (repository / "source.sh").write_text(program, encoding="utf-8")
        git(repository, "add", "source.sh")
        git(repository, "commit", "-q", "--allow-empty", "-m", "a change")

    def run_action(self, program, **more):
        git(self.checkout, "checkout", "-q", "-B", "change")
        self.commit(self.checkout, program)
        for name in ("summary.md", "output"):
            (self.folder / name).write_text("", encoding="utf-8")
        temp = self.folder / "temp"
        temp.mkdir(exist_ok=True)
        env = {"PATH": os.environ["PATH"], "HOME": self.place.name, "GITHUB_ACTIONS": "true",
               "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"), "GITHUB_OUTPUT": str(self.folder / "output"),
               "GITHUB_BASE_REF": "main", "GITHUB_WORKSPACE": str(self.checkout), "RUNNER_TEMP": str(temp),
               "GITHUB_ACTION_PATH": str(ROOT / "ci/action"),
               "GATE_BUILD": "mkdir -p build && cp source.sh build/bench && chmod +x build/bench",
               "GATE_COMMAND": "build/bench", "GATE_INFEROMETER": PROGRAM, "GATE_FLAGS": "--quiet --confirm 7", **more}
        if "LD_LIBRARY_PATH" in os.environ:
            env["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
        # As the runner does it: bash with the step's line.
        ended = subprocess.run(["bash", "-c", '"$GITHUB_ACTION_PATH/gate.sh"'], cwd=self.checkout, env=env,
                               capture_output=True, text=True, check=False)
        self.reports = temp / "inferometer-gate"
        self.summary = (self.folder / "summary.md").read_text(encoding="utf-8")
        self.output = (self.folder / "output").read_text(encoding="utf-8")
        return ended

    def test_an_unchanged_program_passes(self):
        ended = self.run_action(toy(10_000_000) + "# a comment\n")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertIn("exit-code=0", self.output)
        self.assertIn("Performance: 1 row passes", self.summary)
        verdict = json.loads((self.reports / "verdict.json").read_text(encoding="utf-8"))
        self.assertEqual(verdict["counts"]["pass"], 1)
        for name in ("comment.md", "junit.xml", "bencher.json", "github-action-benchmark.json"):
            self.assertTrue((self.reports / name).stat().st_size > 0, name)
        self.assertFalse((self.reports / "base-checkout").exists())

    def test_a_slower_program_fails_with_annotation_and_summary(self):
        ended = self.run_action(toy(11_000_000))
        self.assertEqual(ended.returncode, 1, ended.stdout + ended.stderr)
        self.assertIn("::error title=Performance%3A regression::decode", ended.stderr)
        self.assertIn("exit-code=1", self.output)
        self.assertTrue(self.summary.startswith("### ❌ Performance: 1 regression"), self.summary)
        self.assertIn('type="regression"', (self.reports / "junit.xml").read_text(encoding="utf-8"))

    def test_a_crash_is_told_apart(self):
        ended = self.run_action("#!/bin/sh\necho no memory >&2\nexit 9\n")
        self.assertEqual(ended.returncode, 7, ended.stdout + ended.stderr)
        self.assertIn("no memory", ended.stderr)
        self.assertIn("not compared", self.summary)

    def test_a_broken_build_is_told_apart(self):
        ended = self.run_action(toy(10_000_000), GATE_BUILD="echo no compiler; false")
        self.assertEqual(ended.returncode, 7)
        self.assertIn("no compiler", ended.stderr)
        self.assertIn("::error title=Performance gate::the build failed", ended.stderr)

    def test_a_policy_is_read_from_the_change(self):
        (self.checkout / "policy.json").write_text(json.dumps({
            "schema": "urn:inferometer:schema:policy:1.0", "schema_version": "1.0", "kind": "policy",
            "thresholds": [{"metric": "*", "threshold": 0.5}]}), encoding="utf-8")
        git(self.checkout, "add", "policy.json")
        ended = self.run_action(toy(11_000_000), GATE_POLICY="policy.json")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)

    def test_without_settings_it_says_what_is_missing(self):
        ended = self.run_action(toy(10_000_000), GATE_COMMAND="")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("GATE_PROGRAM", ended.stderr)


if __name__ == "__main__":
    unittest.main()
