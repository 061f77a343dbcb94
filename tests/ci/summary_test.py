"""The summary counts what ran, names what did not, and never counts a broken test as skipped."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "ci"))
import summary  # noqa: E402

# As ctest 3.25 writes it.
REPORT = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="x">
  <testcase name="A.Ok" status="run"><system-out>fine</system-out></testcase>
  <testcase name="A.Fails" status="fail"><failure message=""/><system-out>no</system-out></testcase>
  <testcase name="A.Slow" status="fail"><failure message="Timeout"/></testcase>
  <testcase name="A.Skips" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
    <system-out>[ RUN      ] A.Skips
a_test.cc:2: Skipped
no AVX-512 on this machine
[  SKIPPED ] A.Skips (0 ms)</system-out></testcase>
  <testcase name="A.Bare" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
    <system-out>a_test.cc:3: Skipped
[  SKIPPED ] A.Bare (0 ms)</system-out></testcase>
  <testcase name="real" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/>
    <system-out>skipped: the model file is absent</system-out></testcase>
  <testcase name="gone" status="notrun"><skipped message="Unable to find executable"/></testcase>
  <testcase name="A.Off" status="disabled"><system-out>Disabled</system-out></testcase>
</testsuite>
"""

# As others write it: what happened is an element of the case.
OTHERS = """<testsuites><testsuite name="t">
  <testcase classname="a.test.ts" name="ok" time="0.1"/>
  <testcase classname="a.test.ts" name="bad"><failure message="no"/></testcase>
  <testcase classname="a.test.ts" name="broken"><error message="no"/></testcase>
  <testcase classname="a.test.ts" name="off"><skipped/></testcase>
</testsuite></testsuites>
"""


class Summary(unittest.TestCase):
    def test_counts_reports_of_others(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "dashboard.xml"
            path.write_text(OTHERS, encoding="utf-8")
            self.assertEqual(summary.read(path), (1, ["a.test.ts: bad", "a.test.ts: broken"], [("off", "no reason given")]))

    def test_counts_and_reasons(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "dev.xml"
            path.write_text(REPORT, encoding="utf-8")
            passed, failed, skipped = summary.read(path)
        self.assertEqual(passed, 1)
        self.assertEqual(failed, ["A.Fails", "A.Slow", "gone (Unable to find executable)"])
        self.assertEqual(skipped, [("A.Skips", "no AVX-512 on this machine"), ("A.Bare", "no reason given"),
                                   ("real", "the model file is absent"), ("A.Off", "no reason given")])
        self.assertEqual(summary.counts(passed, failed, skipped), "1 passed, 3 failed, 4 skipped")


if __name__ == "__main__":
    unittest.main()
