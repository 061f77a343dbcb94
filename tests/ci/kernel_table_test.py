"""The table shows the range over shapes, medians of repetitions, and what failed."""

import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "ci"))
import kernel_table  # noqa: E402


def run(name, share, roof="read_bandwidth"):
    name += "/manual_time"
    return {"name": name, "run_name": name, "run_type": "iteration", "roofline": share,
            "label": f"4 in turn, 128 MiB, {roof}, NMSE 2.0e-05"}


class KernelTable(unittest.TestCase):
    def test_gathers_shapes_and_steps(self):
        document = {"benchmarks": [
            run("matmul/q4_k/64x64/tokens:1/cpu:a", 0.5), run("matmul/q4_k/64x128/tokens:1/cpu:a", 0.75),
            run("matmul/q4_k/64x64/tokens:512/cpu:a", 0.25, "int8_peak"),
            run("attention/f16/8x2x64/tokens:1/depth:2048/cpu:a", 0.5)]}
        self.assertEqual(kernel_table.markdown(document),
                         "| device | op | format | tokens 1 | tokens 1 depth 2048 | tokens 512 |\n"
                         "|---|---|---|---|---|---|\n"
                         "| `cpu:a` | matmul | q4_k | 0.50 to 0.75 of read_bandwidth |  | 0.25 of int8_peak |\n"
                         "| `cpu:a` | attention | f16 |  | 0.50 of read_bandwidth |  |\n")

    def test_takes_the_median_of_repetitions_and_leaves_aggregates(self):
        rows = [run("matmul/q8_0/64x64/tokens:1/cpu:a", share) for share in (0.1, 0.5, 0.6)]
        rows.append({**rows[0], "run_type": "aggregate", "roofline": 9.0})
        self.assertIn("| 0.50 of read_bandwidth |", kernel_table.markdown({"benchmarks": rows}))

    def test_names_what_failed_and_leaves_it_out(self):
        broken = {"name": "matmul/q5_0/64x64/tokens:1/cpu:a/manual_time", "run_type": "iteration",
                  "run_name": "matmul/q5_0/64x64/tokens:1/cpu:a/manual_time",
                  "error_occurred": True, "error_message": "differs from the reference"}
        text = kernel_table.markdown({"benchmarks": [broken, run("matmul/q4_0/1x1/tokens:1/cpu:a", 0.5)]})
        self.assertNotIn("| q5_0 |", text)
        self.assertIn("`matmul/q5_0/64x64/tokens:1/cpu:a/manual_time`: differs from the reference", text)

    def test_leaves_out_what_has_no_roof(self):
        row = run("rope/f32/8x64/tokens:1/cpu:a", 1)
        del row["roofline"]
        self.assertNotIn("rope", kernel_table.markdown({"benchmarks": [row]}))


if __name__ == "__main__":
    unittest.main()
