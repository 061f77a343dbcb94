"""`cmake --install` into an empty folder, and the program run from there, away from the source tree.

Usage: install_test.py CMAKE BUILD_FOLDER PROGRAM_WITHOUT_PAGE
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests" / "fixtures" / "results" / "sample.json"
MADE_UP_PAGE = "<!doctype html><title>made up</title><script type=application/json>{{json}}</script>"
CMAKE, BUILD, PAGELESS = sys.argv[1:4]


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.prefix = pathlib.Path(cls.temporary.name) / "prefix"
        subprocess.run([CMAKE, "--install", BUILD, "--prefix", cls.prefix], check=True, capture_output=True)
        cls.page = cls.prefix / "share" / "inferometer" / "device-page.html"
        cls.built_page = cls.page.is_file()

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def run_program(self, *arguments, program=None):
        folder = pathlib.Path(self.temporary.name) / "elsewhere"
        folder.mkdir(exist_ok=True)
        done = subprocess.run([program or self.prefix / "bin" / "inferometer", *arguments], cwd=folder,
                              capture_output=True, text=True, check=False,
                              env={"PATH": "/usr/bin:/bin", "HOME": str(folder)})
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def report(self, program=None):
        return self.run_program("report", SAMPLE, "--html", "-", program=program)

    def pageless(self):
        program = self.prefix / "bin" / "inferometer-pageless"
        shutil.copy(PAGELESS, program)
        return program

    def test_holds_program_schemas_and_documents(self):
        installed = {path.relative_to(self.prefix).as_posix() for path in self.prefix.rglob("*") if path.is_file()}
        self.assertIn("bin/inferometer", installed)
        self.assertIn("share/doc/inferometer/LICENSE", installed)
        for schema in (ROOT / "results" / "schema").glob("*.json"):
            copy = self.prefix / "share" / "inferometer" / "schema" / schema.name
            self.assertEqual(copy.read_bytes(), schema.read_bytes())

    def test_needs_nothing_of_the_source_tree(self):
        models = self.run_program("list", "models").stdout
        self.assertIn("smollm2-135m", models)
        self.assertIn("cpu:", self.run_program("list", "devices").stdout)
        result = self.run_program("report", SAMPLE, "--json", "-").stdout
        self.assertEqual(json.loads(result)["kind"], json.loads(SAMPLE.read_text("utf-8"))["kind"])

    def test_takes_the_page_that_is_built_in(self):
        if not self.built_page:
            self.skipTest("the build had no Node, so no page is built in")
        self.assertIn(self.page.read_text("utf-8").split("{{json}}")[0], self.report().stdout)

    def test_without_one_takes_the_installed_page_else_says_so(self):
        program = self.pageless()
        kept = self.page.read_text("utf-8") if self.built_page else None
        self.page.write_text(MADE_UP_PAGE, "utf-8")
        try:
            done = self.report(program)
            self.assertTrue(done.stdout.startswith(MADE_UP_PAGE.split("{{json}}", maxsplit=1)[0]))
            self.assertEqual(done.stderr, "")
            link = pathlib.Path(self.temporary.name) / "link"
            os.symlink(program, link)  # as people put programs into a folder of PATH
            self.assertEqual(self.report(link).stdout, done.stdout)
            self.page.unlink()
            done = self.report(program)
            self.assertIn("share/inferometer/device-page.html", done.stderr)
            self.assertIn("npm ci", done.stderr)
            self.assertIn("<html", done.stdout)
            self.assertNotIn("made up", done.stdout)
        finally:
            if kept is not None:
                self.page.write_text(kept, "utf-8")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
