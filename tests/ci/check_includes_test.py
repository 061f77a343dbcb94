"""The include checker finds each kind of forbidden include, and passes what is allowed."""

import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "ci"))
import check_includes  # noqa: E402


def findings(path, text):
    return check_includes.check_file(path, text, lambda header: not header.startswith("missing/"))


class Layers(unittest.TestCase):
    def test_allowed_directions(self):
        for path, header in [("models/cost.cc", "harness/base/error.h"),
                             ("backends/cpu/device.cc", "models/op.h"),
                             ("backends/cpu/device.cc", "backends/cpu/panel.h"),
                             ("backends/cpu/device.cc", "backends/device.h"),
                             ("harness/runner/run.cc", "probes/probe.h"),
                             ("harness/cli/main.cc", "harness/report/console.h"),
                             ("tests/models/plan_test.cc", "models/plan.h")]:
            self.assertEqual(findings(path, f'#include "{header}"\n'), [], f"{path} <- {header}")

    def test_forbidden_directions(self):
        for path, header in [("harness/base/text.cc", "models/op.h"),
                             ("models/cost.cc", "backends/device.h"),
                             ("backends/cpu/device.cc", "results/record.h"),
                             ("backends/cpu/device.cc", "probes/probe.h"),
                             ("backends/cpu/device.cc", "harness/runner/run.h"),
                             ("results/record.cc", "models/op.h"),
                             ("probes/cpu.cc", "results/record.h"),
                             ("harness/stats/median.cc", "results/record.h"),
                             ("harness/report/console.cc", "harness/runner/run.h"),
                             ("harness/report/console.cc", "backends/device.h"),
                             ("harness/runner/run.cc", "harness/cli/options.h"),
                             ("harness/cli/main.cc", "tests/fixtures/sample.h")]:
            found = findings(path, f'// A file.\n#include "{header}"\n')
            self.assertEqual(len(found), 1, f"{path} <- {header}")
            self.assertIn(f"{path}:2", found[0])

    def test_backends_stay_apart(self):
        self.assertEqual(len(findings("backends/vulkan/device.cc", '#include "backends/cpu/panel.h"\n')), 1)
        self.assertEqual(findings("backends/backends.cc", '#include "backends/cpu/cpu.h"\n'), [])

    def test_gpu_backends_share_a_folder_and_nothing_else(self):
        shared = '#include "backends/gpu/planes.h"\n'
        for path in ("backends/vulkan/plan.cc", "backends/opencl/plan.cc", "backends/gpu/passes.cc"):
            self.assertEqual(findings(path, shared), [], path)
        for path, header in [("backends/cpu/plan.cc", "backends/gpu/planes.h"),
                             ("backends/gpu/planes.cc", "backends/vulkan/device.h"),
                             ("backends/vulkan/plan.cc", "backends/opencl/device.h"),
                             ("backends/opencl/plan.cc", "backends/vulkan/device.h")]:
            self.assertEqual(len(findings(path, f'#include "{header}"\n')), 1, path)

    def test_generated_headers(self):
        self.assertEqual(check_includes.check_file("harness/runner/tool.cc", '#include "build_info.h"\n',
                                                   lambda header: False), [])

    def test_paths_start_at_the_root(self):
        self.assertIn("root", findings("models/cost.cc", '#include "missing/cost.h"\n')[0])

    def test_unknown_folder(self):
        self.assertEqual(len(findings("extras/a.cc", "")), 1)

    def test_spaces_do_not_hide_an_include(self):
        self.assertEqual(len(findings("models/a.cc", '  #  include   "backends/device.h"\n')), 1)

    def test_a_comment_is_no_include(self):
        self.assertEqual(findings("models/a.cc", '// #include "backends/device.h"\n'), [])


class Kernels(unittest.TestCase):
    KERNEL = "backends/cpu/kernels/avx2/matmul.cc"

    def test_plain_types_intrinsics_and_own_folder(self):
        text = ("#include <cstdint>\n#include <cstring>\n#include <immintrin.h>\n"
                '#include "backends/cpu/kernels/avx2/vector.h"\n#include "models/quant/blocks.h"\n'
                '#include "backends/cpu/kernel_set.h"\n')
        self.assertEqual(findings(self.KERNEL, text), [])

    def test_nothing_else(self):
        for include in ("<algorithm>", "<span>", "<vector>", "<cmath>", '"models/quant/formats.h"',
                        '"backends/cpu/panel.h"', '"backends/device.h"'):
            self.assertEqual(len(findings(self.KERNEL, f"#include {include}\n")), 1, include)

    def test_folders_that_begin_alike(self):
        self.assertEqual(len(findings("backends/cpu/kernels_neon/dot.cc", "#include <vector>\n")), 1)
        self.assertEqual(findings("backends/cpu/instruction_sets.cc", "#include <vector>\n"), [])

    def test_scalar_kernels_are_baseline(self):
        self.assertEqual(findings("backends/cpu/kernels/scalar.cc", "#include <cmath>\n"), [])
        self.assertEqual(len(findings("backends/cpu/kernels/scalar.cc", "#include <vector>\n")), 1)

    def test_shared_blocks_stay_plain(self):
        self.assertEqual(len(findings("models/quant/blocks.h", "#include <vector>\n")), 1)
        self.assertEqual(findings("models/quant/blocks.h", "#include <stdint.h>\n"), [])


class Platforms(unittest.TestCase):
    def test_found_outside_the_allowed_places(self):
        for line in ("#ifdef __linux__", "#if defined(_WIN32)", "# if !defined(__x86_64__)",
                     "#elif defined __APPLE__"):
            self.assertEqual(len(findings("harness/runner/run.cc", line + "\n")), 1, line)

    def test_allowed_places(self):
        for path in ("harness/base/cpu_features.cc", "probes/power.cc", "backends/vulkan/loader.cc",
                     "backends/cpu/instruction_sets.cc", "tests/harness/base/file_test.cc"):
            self.assertEqual(findings(path, "#ifdef __linux__\n"), [], path)

    def test_other_conditions_pass(self):
        self.assertEqual(findings("models/a.cc", "#ifdef INFEROMETER_HAVE_HWLOC\n"), [])


class WholeTree(unittest.TestCase):
    def test_this_tree_is_clean(self):
        self.assertEqual(check_includes.check(pathlib.Path(__file__).resolve().parents[2]), [])


if __name__ == "__main__":
    unittest.main()
