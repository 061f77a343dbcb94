#!/usr/bin/env python3
"""Recomputes every statistic of a result file from its samples, and wants the same bits.

Usage: recompute.py RESULT.json [METRICS.json]; METRICS.json is what `inferometer list metrics --json`
prints, for the targets of `converged`. Prints what it checked, and each difference; exit status 1 when
there are any. Shares no code with the program: the definitions are those of results/README.md and
harness/stats/*.h.
"""

import json
import math
import pathlib
import statistics
import sys

REFERENCE = pathlib.Path(__file__).resolve().parents[2] / "results" / "reference.json"
SHORTEST_SEGMENT = 3
CLAUSE_TOKENS = 16  # of first_clause_time_v1


# Statistics of a row

def interval(samples):
    """Order statistics that enclose the median with 95 %: exact, in integers."""
    n, below, rank = len(samples), 0, 0
    while rank < n:
        below += math.comb(n, rank)
        if 40 * below > 2 ** n:
            break
        rank += 1
    ordered = sorted(samples)
    return [ordered[rank - 1], ordered[n - rank]] if rank > 0 else None


def quantile(values, p):
    """Type 7 of Hyndman and Fan."""
    ordered = sorted(values)
    at = (len(ordered) - 1) * p
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def outliers(samples):
    """Modified z beyond 3.5; the mean deviation takes the place of a MAD of 0."""
    median = statistics.median(samples)
    deviations = [abs(x - median) for x in samples]
    scale = statistics.median(deviations) / 0.6745
    if scale == 0:
        total = 0.0
        for deviation in deviations:
            total += deviation
        scale = 1.253314 * total / len(deviations)
    return [i for i, x in enumerate(samples) if scale > 0 and abs((x - median) / scale) > 3.5]


def converged(samples, target, least):
    ends = interval(samples)
    enough = max(least, target * abs(statistics.median(samples)))
    return ends is not None and (ends[1] - ends[0]) / 2 <= enough


# Shape: change points by binary segmentation with the L1 cost

def l1_cost(segment):
    median = statistics.median(segment)
    cost = 0.0
    for x in segment:
        cost += abs(x - median)
    return cost


def change_points(samples):
    n = len(samples)
    if n < 2 * SHORTEST_SEGMENT:
        return []
    noise = 0.0
    for a, b in zip(samples, samples[1:]):
        noise += abs(b - a)
    noise /= (n - 1) * math.sqrt(2.0)
    penalty = 2 * math.log(n) * noise

    def split(begin, end):
        whole = samples[begin:end]
        best, best_gain = 0, penalty
        for at in range(SHORTEST_SEGMENT, len(whole) - SHORTEST_SEGMENT + 1):
            gain = l1_cost(whole) - l1_cost(whole[:at]) - l1_cost(whole[at:])
            if gain > best_gain:
                best, best_gain = at, gain
        if best == 0:
            return []
        return split(begin, begin + best) + [begin + best] + split(begin + best, end)

    return split(0, n)


def levels(samples):
    """(median, first index) of each level; neighbours within 1 % are one."""
    bounds = [0, *change_points(samples), len(samples)]
    i = 0
    while i + 2 < len(bounds):
        left = statistics.median(samples[bounds[i]:bounds[i + 1]])
        right = statistics.median(samples[bounds[i + 1]:bounds[i + 2]])
        if abs(left - right) <= 0.01 * max(abs(left), abs(right)):
            del bounds[i + 1]
            i = 0
        else:
            i += 1
    return [(statistics.median(samples[a:b]), a) for a, b in zip(bounds, bounds[1:])]


def two_modes(samples):
    ordered = sorted(samples)
    least = max(2, math.ceil(0.25 * len(ordered)))
    cuts = range(least, len(ordered) - least + 1)
    gap, split = 0.0, 0
    for i in cuts:
        if ordered[i] - ordered[i - 1] > gap:
            gap, split = ordered[i] - ordered[i - 1], i
    if split == 0:
        return False
    spread = max(quantile(part, 0.9) - quantile(part, 0.1) for part in (ordered[:split], ordered[split:]))
    return gap > 0.05 * abs(statistics.median(ordered)) and gap > 3 * spread


def shape(samples, better):
    found = levels(samples)
    if len(found) == 1:
        return "none" if two_modes(samples) else "flat"
    sign = 1 if better == "higher" else -1
    values = [sign * value for value, _ in found]
    if all(a > b for a, b in zip(values, values[1:])):
        return "slowdown"
    if len(samples) - found[-1][1] < 0.25 * len(samples):
        return "none"
    ends = [begin for _, begin in found[1:]] + [len(samples)]
    if len(found) > 2 and two_modes(samples):
        return "none"
    if any(two_modes(samples[begin:end]) for (_, begin), end in zip(found, ends)):
        return "none"
    return "warmup" if all(values[-1] > value for value in values[:-1]) else "slowdown"


# Samples from token times

def of_token_times(metric, times):
    """The sample that a trace of token times gives, or None where the metric is not of them."""
    gaps = [b - a for a, b in zip(times, times[1:])]
    if metric == "decode_rate":
        return (len(times) - 1) / (times[-1] - times[0])
    if metric in ("itl_p50", "itl_p95", "itl_p99"):
        return quantile(gaps, float(metric[5:]) / 100)
    if metric == "first_clause_time":
        return times[CLAUSE_TOKENS - 1]
    return None


def fit_line(xs, ys):
    """Least squares, in the order of the points: intercept, slope, R squared."""
    n = len(xs)
    mean_x = mean_y = xx = xy = yy = residual = 0.0
    for x, y in zip(xs, ys):
        mean_x += x
        mean_y += y
    mean_x /= n
    mean_y /= n
    for x, y in zip(xs, ys):
        xx += (x - mean_x) * (x - mean_x)
        xy += (x - mean_x) * (y - mean_y)
        yy += (y - mean_y) * (y - mean_y)
    slope = xy / xx
    intercept = mean_y - slope * mean_x
    for x, y in zip(xs, ys):
        r = y - intercept - slope * x
        residual += r * r
    return intercept, slope, 1 - residual / yy if yy > 0 else 1.0


class Recomputation:
    def __init__(self, result, targets):
        self.result, self.targets = result, targets
        self.checked, self.differences = {}, []

    def same(self, what, where, stored, computed):
        self.checked[what] = self.checked.get(what, 0) + 1
        if stored != computed:
            self.differences.append(f"{where}: {what} is {stored!r}, its samples give {computed!r}")

    def run(self):
        ok = [(i, row) for i, row in enumerate(self.result["records"]) if row["status"] == "ok"]
        for i, row in ok:
            where = f"records[{i}] ({row['workload']} {row['metric']})"
            self.statistics(where, row)
            self.from_token_times(where, row)
            self.roofline(where, row)
        self.kv_fits([row for _, row in ok])
        for i, ceiling in enumerate(self.result["ceilings"]):
            best = statistics.median if ceiling["unit"] == "s" else max
            self.same("ceiling", f"ceilings[{i}] ({ceiling['metric']})", ceiling["value"],
                      best(ceiling["samples"]))
            self.same("n", f"ceilings[{i}]", ceiling["n"], len(ceiling["samples"]))
        self.scores([row for _, row in ok])
        return self

    def statistics(self, where, row):
        samples = row["samples"]
        self.same("n", where, row["n"], len(samples))
        self.same("median", where, row["median"], statistics.median(samples))
        self.same("ci95", where, row["ci95"], interval(samples))
        self.same("outliers", where, row["outliers"], outliers(samples))
        self.same("shape", where, row["shape"], shape(samples, row["better"]))
        if row["metric"] in self.targets:
            self.same("converged", where, row["converged"], converged(samples, *self.targets[row["metric"]]))

    def from_token_times(self, where, row):
        traces = row["token_times_s"]
        if len(traces) != len(row["samples"]) or any(len(trace) < 2 for trace in traces):
            return
        for sample, trace in zip(row["samples"], traces):
            computed = of_token_times(row["metric"], trace)
            if computed is not None:
                self.same(f"{row['metric']} of token times", where, sample, computed)

    def roofline(self, where, row):
        """The times of the repetitions are not in the file, so the roof of each is one of those that
        were measured: a share of the memory roof lies between what the least and the best give, and
        is exact when there is one."""
        roofline = row["roofline"]
        roofs = [c["value"] for c in self.result["ceilings"]
                 if c["metric"] == "read_bandwidth" and c["device"] == row["device"]]
        seconds = {"decode_rate": lambda x: 1 / x, "ttft": lambda x: x,
                   "prefill_rate": lambda x: row["params"]["tokens"] / x}.get(row["metric"])
        if not roofline or roofline["bound"] != "memory" or not roofs or seconds is None:
            return
        shares = [statistics.median([roofline["bytes"] / roof / seconds(x) for x in row["samples"]])
                  for roof in (max(roofs), min(roofs))]
        rounding = 1e-12 * shares[1]  # of quotients taken in another order
        inside = shares[0] - rounding <= roofline["fraction"] <= shares[1] + rounding
        self.same("roofline", where, inside, True)

    def kv_fits(self, rows):
        keys = {"kv_base_latency": 0, "kv_depth_cost": 1, "kv_fit_r2": 2}
        for fit in rows:
            if fit["metric"] not in keys or fit["workload"] != "kv_sweep":
                continue
            points = [row for row in rows if row["workload"] == "kv_sweep" and row["metric"] == "decode_rate"
                      and row["device"] == fit["device"] and row["model"] == fit["model"]
                      and row["threads"] == fit["threads"] and row["n"] == fit["n"]]
            points.sort(key=lambda row: row["params"]["depth"])
            if len(points) < 3:
                continue
            xs = [row["params"]["depth"] + row["params"]["tokens"] / 2 for row in points]
            for i, sample in enumerate(fit["samples"]):
                line = fit_line(xs, [1 / row["samples"][i] for row in points])
                self.same("kv fit", f"kv_sweep {fit['metric']}", sample, line[keys[fit["metric"]]])

    def scores(self, rows):
        tiers = {(t["model"], t["quant"]): t for t in json.loads(REFERENCE.read_text("utf-8"))["tiers"]}
        parts = (("prefill", "prefill_rate", "tokens", 512, "prefill_512"),
                 ("decode", "decode_rate", "depth", 0, "decode_0"),
                 ("decode", "decode_rate", "depth", 2048, "decode_2048"))
        for i, score in enumerate(self.result.get("scores", [])):
            tier = tiers.get((score["model"], score["quant"]))
            rates = tier["reference_tok_per_s"] if tier else None
            value = None
            if rates is not None:
                product = 1.0
                for workload, metric, key, at, name in parts:
                    found = [row for row in rows if row["workload"] == workload and row["metric"] == metric
                             and row["params"].get(key) == at and row["params"].get("kv", "f16") == "f16"
                             and row["device"] == score["device"] and row["model"]
                             and (row["model"]["name"], row["model"]["quant"]) == (score["model"], score["quant"])]
                    product = product * (found[0]["median"] / rates[name]) if found and product else None
                value = 1000 * math.cbrt(product) if product else None
            self.same("score", f"scores[{i}]", score["value"], value)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    result = json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8"))
    targets = {}
    if len(sys.argv) == 3:
        metrics = json.loads(pathlib.Path(sys.argv[2]).read_text("utf-8"))
        targets = {metric["name"]: (metric["ci_target"], metric["ci_least"]) for metric in metrics}
    done = Recomputation(result, targets).run()
    for what, count in sorted(done.checked.items()):
        print(f"{count:6} {what}")
    for difference in done.differences:
        print(difference)
    return 1 if done.differences else 0


if __name__ == "__main__":
    sys.exit(main())
