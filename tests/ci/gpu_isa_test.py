"""Spills, missing dot products and changed costs are found; the table holds what was compiled."""

import copy
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "ci"))
import gpu_isa  # noqa: E402

PRINTED = """driver,radv 1.0, of Mesa
device,none
dot_accelerated,1
pipeline,step,vgprs,sgprs,spilled,scratch,lds,waves,instructions,cost,wants_dot,dots
matvec.q4_k 64 2,decode,48,128,0,0,512,32,395,1000,0,0
matvec.dot 64 2,8 tokens,32,128,0,0,512,32,200,500,1,8
"""


class GpuIsa(unittest.TestCase):
    def setUp(self):
        self.compiled = {family: gpu_isa.parse(PRINTED) for family in gpu_isa.FAMILIES}
        self.driver, self.data = gpu_isa.read_data(gpu_isa.data_of(self.compiled))
        self.row = self.compiled["navi21"][1]["matvec.q4_k 64 2"]

    def test_reads_back_what_it_wrote(self):
        self.assertEqual(self.driver, "radv 1.0, of Mesa")
        self.assertEqual(self.data, {family: rows for family, (_, rows) in self.compiled.items()})
        self.assertEqual(gpu_isa.changes(self.compiled, self.data), [])
        self.assertEqual(gpu_isa.faults(self.compiled), [])

    def test_finds_spills_and_scratch_memory(self):
        self.row["spilled"] = 3
        self.assertEqual(gpu_isa.faults(self.compiled), [
            "navi21: matvec.q4_k 64 2 (decode): 3 spilled registers, 0 bytes of scratch memory"])
        self.row.update(spilled=0, scratch=1024)
        self.assertEqual(len(gpu_isa.faults(self.compiled)), 1)
        self.assertIn("**0 spills**", gpu_isa.cell(self.row))

    def test_finds_a_missing_dot_product_only_where_the_device_has_it(self):
        about, rows = self.compiled["vega20"]
        rows["matvec.dot 64 2"]["dots"] = 0
        self.assertEqual(gpu_isa.faults(self.compiled), [
            "vega20: matvec.dot 64 2 (8 tokens): no packed dot product, which the device has"])
        about["dot_accelerated"] = False
        self.assertEqual(gpu_isa.faults(self.compiled), [])

    def test_finds_costs_beyond_five_percent_and_changed_pipelines(self):
        self.row["cost"] = 1050
        self.assertEqual(gpu_isa.changes(self.compiled, self.data), [])
        self.row["cost"] = 1051
        self.assertEqual(gpu_isa.changes(self.compiled, self.data), [
            "navi21: matvec.q4_k 64 2: estimated cost 1051, in the table 1000"])
        self.row["cost"] = 949
        self.assertEqual(len(gpu_isa.changes(self.compiled, self.data)), 1)
        rows = self.compiled["gfx1100"][1]
        rows["gemm.q8_0 64"] = rows.pop("matvec.dot 64 2")
        self.assertEqual(gpu_isa.changes(self.compiled, self.data)[1:], [
            "gfx1100: gemm.q8_0 64 is new", "gfx1100: matvec.dot 64 2 is gone"])

    def test_the_table_shows_decode_and_prefill_of_each_family(self):
        text = gpu_isa.table(self.compiled)
        self.assertIn("| `matvec.q4_k 64 2` | decode | 512 |" + " 48 v 32 w 395 i 1000 |" * 5, text)
        self.assertNotIn("matvec.dot", text)
        readme = "a\n<!-- isa -->\nold\n<!-- end of isa -->\nb\n"
        self.assertEqual(gpu_isa.with_table(readme, "new\n"), readme.replace("old", "new"))
        self.assertRaises(SystemExit, gpu_isa.with_table, "nothing", "new\n")

    def test_pipelines_that_only_some_families_have_leave_a_gap(self):
        compiled = copy.deepcopy(self.compiled)
        del compiled["vega10"][1]["matvec.q4_k 64 2"]
        self.assertIn("| 512 |  |", gpu_isa.table(compiled))


if __name__ == "__main__":
    unittest.main()
