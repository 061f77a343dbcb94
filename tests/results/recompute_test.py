"""The script that recomputes statistics agrees with textbook values, and sees a changed digit."""

import copy
import json
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import recompute  # noqa: E402

SAMPLE = json.loads((HERE.parent / "fixtures" / "results" / "sample.json").read_text("utf-8"))


def differences(result):
    return recompute.Recomputation(result, {"decode_rate": (0.02, 0)}).run().differences


class Recompute(unittest.TestCase):
    def test_agrees_with_published_ranks(self):
        # David, Nagaraja, table 7.1 and scipy.stats.binom: k of n = 6, 9, 15, 100
        for n, rank in ((6, 1), (9, 2), (15, 4), (100, 40)):
            self.assertEqual(recompute.interval(list(range(1, n + 1))), [rank, n + 1 - rank])
        self.assertIsNone(recompute.interval([1, 2, 3, 4, 5]))

    def test_agrees_with_numpy(self):
        values = [2.1, 2.3, 2.2, 9.0, 2.25, 2.15]
        self.assertAlmostEqual(recompute.quantile(values, 0.95), 7.325, 12)  # numpy.quantile
        self.assertEqual(recompute.outliers(values), [3])
        line = recompute.fit_line([0, 1, 2, 3, 4, 5, 6, 7.5], [1.0, 3.1, 4.9, 7.2, 9.1, 40, 13.0, 16.2])
        for got, want in zip(line, (1.3909090909090907, 2.925358851674641, 0.3607876155244505)):
            self.assertAlmostEqual(got, want, 12)  # scipy.stats.linregress

    def test_the_sample_result_is_consistent(self):
        self.assertEqual(differences(SAMPLE), [])

    def test_sees_one_changed_bit(self):
        ok = [i for i, row in enumerate(SAMPLE["records"]) if row["status"] == "ok"]
        first = SAMPLE["records"].index(next(r for r in SAMPLE["records"] if r["token_times_s"]))

        def with_change(change):
            result = copy.deepcopy(SAMPLE)
            change(result)
            return differences(result)

        def nudge(row, key, by=1 + 2 ** -52):
            row[key] *= by

        self.assertTrue(with_change(lambda r: nudge(r["records"][ok[1]], "median")))
        self.assertTrue(with_change(lambda r: r["records"][ok[1]]["ci95"].reverse()))
        self.assertTrue(with_change(lambda r: r["records"][ok[1]]["outliers"].append(0)))
        self.assertTrue(with_change(lambda r: r["records"][ok[1]].update(shape="slowdown")))
        self.assertTrue(with_change(lambda r: r["records"][first].update(converged="?")))
        self.assertTrue(with_change(lambda r: nudge(r["records"][first]["roofline"], "fraction", 1.2)))
        self.assertTrue(with_change(lambda r: nudge(r["ceilings"][0], "value")))
        self.assertTrue(with_change(lambda r: nudge(r["records"][first]["token_times_s"][0], -1, 1.01)))

    def test_fits_kv_sweeps(self):
        base = {"workload": "kv_sweep", "device": "d", "model": None, "threads": 1, "n": 1}
        rows = [{**base, "metric": "decode_rate", "params": {"depth": depth, "tokens": 16},
                 "samples": [1 / (0.5 + 0.25 * (depth + 8))]} for depth in (0, 64, 128)]
        fits = [{**base, "metric": metric, "params": {}, "samples": [value]}
                for metric, value in (("kv_base_latency", 0.5), ("kv_depth_cost", 0.25), ("kv_fit_r2", 1.0))]
        done = recompute.Recomputation({"records": [], "ceilings": []}, {})
        done.kv_fits(rows + fits)
        self.assertEqual((done.checked, done.differences), ({"kv fit": 3}, []))
        fits[1]["samples"] = [0.26]
        done.kv_fits(rows + fits)
        self.assertEqual(len(done.differences), 1)


if __name__ == "__main__":
    unittest.main()
