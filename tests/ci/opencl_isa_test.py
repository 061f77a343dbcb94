"""What ci/opencl_isa.py makes of what compilers say: findings, data and table; no compiler is needed."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "ci"))
import opencl_isa  # noqa: E402

ROW = {"registers": 96, "spilled": 0, "scratch": 0, "local": 256, "lanes": 32, "instructions": 700}
COMPILERS = {"gfx1030": "clang 1"}


def compiled(**changes):
    rows = {(variant, variant.split(" ")[0]): dict(ROW) for variant in opencl_isa.hot_variants()}
    rows["gemm q4_k", "gemm"].update(changes)
    return {"gfx1030": rows}


class OpenClIsaTest(unittest.TestCase):
    def data(self, **changes):
        return opencl_isa.read_data(opencl_isa.data_of(compiled(**changes), COMPILERS))

    def test_equal_data_has_no_finding(self):
        self.assertEqual(opencl_isa.faults(compiled()), [])
        self.assertEqual(opencl_isa.changes(compiled(instructions=720), COMPILERS, self.data()), [])

    def test_spills_and_scratch_are_faults(self):
        for change in ({"spilled": 3}, {"scratch": 16}):
            findings = opencl_isa.faults(compiled(**change))
            self.assertEqual(len(findings), 1)
            self.assertIn("gemm q4_k", findings[0])

    def test_a_variant_without_a_kernel_is_a_fault(self):
        rows = compiled()
        del rows["gfx1030"]["gemm q8_0", "gemm"]
        self.assertEqual(opencl_isa.faults(rows), ["gfx1030: gemm q8_0 gave no kernel"])

    def test_stale_data_are_found(self):
        for change in ({"instructions": 900}, {"registers": 97}, {"local": 512}):
            findings = opencl_isa.changes(compiled(**change), COMPILERS, self.data())
            self.assertEqual(len(findings), 1, change)
        fewer = self.data()
        del fewer["gfx1030"]["gemm q4_k", "gemm"]
        self.assertEqual(opencl_isa.changes(compiled(), COMPILERS, fewer), ["gfx1030: gemm q4_k, gemm is new"])

    def test_other_compilers_are_not_compared(self):
        self.assertEqual(opencl_isa.changes(compiled(registers=1), {"gfx1030": "clang 2"}, self.data()), [])

    def test_the_table_names_spills(self):
        self.assertIn("| gemm q4_k | 96 r 32 l 700 i, **2 spills, 8 B** |", opencl_isa.table(self.data(spilled=2, scratch=8)))
        self.assertEqual(opencl_isa.with_table("a\n<!-- isa -->\nold\n<!-- end of isa -->\nb", "new\n"),
                         "a\n<!-- isa -->\nnew\n<!-- end of isa -->\nb")


if __name__ == "__main__":
    unittest.main()
