"""The OpenCL kernels as compilers get them: sources put together, and the definitions that lower*.cc and peaks.cc
choose for the two paths."""

import re

FORMATS = range(13)
CACHES = range(4)


def variants():
    """(source, definitions) of everything that may be compiled."""
    for path in ("-DWIDE -DITEMS={}", "-DITEMS={}"):
        wide = "WIDE" in path
        items = lambda one, many, path=path, wide=wide: path.format(one if wide else many)
        yield "norm", items(1, 64)
        yield "each", items(16, 64)
        yield "choose", items(1, 64)
        yield "probe", items(1, 256)
        for cache in CACHES:
            yield "heads", f"{items(1, 32)} -DCACHE={cache}"
            yield "attention", f"{items(1, 64)} -DCACHE={cache} -DROWS={16 if wide else 8}"
        for f in FORMATS:
            yield "embed", f"{items(4, 32)} -DFORMAT={f}"
            for packed in (0, 1) if wide else (0,):
                yield "matvec", f"{items(1, 64)} -DFORMAT={f} -DROWS={1 if wide else 2} -DCOLUMNS=1 -DPACKED={packed}"
                yield "matvec", f"{items(1, 64)} -DFORMAT={f} -DROWS={2 if wide else 1} -DCOLUMNS=4 -DPACKED={packed}"
            for rows, blocks in ((8, 2), (4, 2), (4, 1)) if wide else ():
                yield "gemm_wide", f"-DWIDE -DITEMS=1 -DFORMAT={f} -DROWS={rows} -DBLOCKS={blocks}"
            if not wide:
                yield "gemm", f"-DITEMS=128 -DFORMAT={f}"
    for quantized in (0, 1):
        yield "pack", f"-DWIDE -DITEMS=1 -DQUANTIZED={quantized}"
    for kind, lanes, chains in ((0, 16, 12), (0, 4, 8), (1, 4, 8), (2, 4, 8), (3, 16, 12)):
        yield "peak", f"-DITEMS=1 -DKIND={kind} -DLANES={lanes} -DCHAINS={chains}"


# Names of models/quant/quant_id.h by their number, of what most models are made of.
HOT_FORMATS = {"q8_0": 3, "q4_k": 8, "q6_k": 10}
HOT_CACHES = {"f16": 1, "q8_0": 3}


def hot_variants():
    """{name: (source, definitions)} of what takes nearly all of the time on a GPU."""
    hot = {}
    for name, f in HOT_FORMATS.items():
        for columns in (1, 4):
            hot[f"matvec {name}, {columns} token{'s' if columns > 1 else ''}"] = (
                "matvec", f"-DITEMS=64 -DFORMAT={f} -DROWS={2 if columns == 1 else 1} -DCOLUMNS={columns} -DPACKED=0")
        hot[f"gemm {name}"] = ("gemm", f"-DITEMS=128 -DFORMAT={f}")
    for name, cache in HOT_CACHES.items():
        hot[f"attention {name}"] = ("attention", f"-DITEMS=64 -DCACHE={cache} -DROWS=8")
    return hot


def source_of(folder, name):
    """All that the compiler reads for kernels/`name`.cl, as SourceOf of programs.cc makes it."""
    text = (folder / f"{name}.cl").read_text(encoding="utf-8")
    asked = re.findall(r"^//: (\w+)$", text, re.M)
    return "\n".join([(folder / f"{a}.cl").read_text(encoding="utf-8") for a in asked] + [text])
