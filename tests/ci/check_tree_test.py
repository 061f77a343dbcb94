"""The tree checker finds each kind of offence, and passes a clean file."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "ci"))
import check_tree  # noqa: E402

GUARD = "#ifndef INFEROMETER_MODELS_A_H_\n#define INFEROMETER_MODELS_A_H_\n#endif\n"


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def findings(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return check_tree.check_file(path, self.root)

    def test_clean_header(self):
        self.assertEqual(self.findings("models/a.h", "// What it is.\n" + GUARD), [])

    def test_first_line(self):
        self.assertIn("purpose", self.findings("models/a.cc", "#include <vector>\n")[0])

    def test_guard(self):
        self.assertIn("INFEROMETER_MODELS_B_H_", self.findings("models/b.h", "// B.\n" + GUARD)[0])
        self.assertIn("guard", self.findings("models/c.h", "// C.\n#pragma once\n")[0])

    def test_length(self):
        self.assertEqual(self.findings("models/a.cc", "// Long.\n" * check_tree.MAX_LINES), [])
        self.assertIn("at most", self.findings("models/a.cc", "// Long.\n" * (check_tree.MAX_LINES + 1))[0])
        self.assertIn("at most 150", self.findings("ARCHITECTURE.md", "x\n" * 151)[0])

    def test_links(self):
        self.findings("docs/there.md", "# A heading, here\n")
        good = "[a](docs/there.md) [b](docs/there.md#a-heading-here) [c](https://example.org/x) [d](#top)\n# Top\n"
        self.assertEqual(self.findings("README.md", good), [])
        self.assertIn("does not exist", self.findings("README.md", "[a](docs/gone.md)\n")[0])
        self.assertIn("no such heading", self.findings("README.md", "[a](docs/there.md#gone)\n")[0])
        self.assertEqual(self.findings("README.md", "```\n[a](gone.md)\n```\n"), [])

    def test_paths_of_one_machine(self):
        # Put together here, so that this file is clean itself.
        for path in ("/" + "home/somebody/x", "/" + "tmp/x", "/" + "root/.cache"):
            self.assertIn("one machine", self.findings("ci/run.sh", f"# Runs.\ncp {path} .\n")[0], path)
        self.assertEqual(self.findings("ci/run.sh", "# Runs.\ncat /proc/cpuinfo build/tmp/x\n"), [])

    def test_notes(self):
        self.assertIn("TODO", self.findings("models/a.cc", "// TODO: later\n")[0])
        self.assertIn("issue 12", self.findings("models/a.cc", "// A fix, see issue 12.\n")[0])
        self.assertEqual(self.findings("models/a.cc", "// KhronosGroup/Vulkan-Samples issue 1269\n"), [])

    def test_not_utf8(self):
        file = self.root / "models" / "a.cc"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"// \xff\n")
        self.assertIn("UTF-8", check_tree.check_file("models/a.cc", self.root)[0])

    def test_files_outside_git_skip_builds(self):
        self.findings("models/a.cc", "// A.\n")
        self.findings("build/b.cc", "// B.\n")
        self.assertEqual(check_tree.files_of(self.root), ["models/a.cc"])


if __name__ == "__main__":
    unittest.main()
