"""Puts a table of what compilers made of kernels where a README marks its place."""

import re

BEGIN, END = "<!-- isa -->\n", "<!-- end of isa -->"


def with_table(readme, text):
    """`readme` with `text` between the marks; ends the program where there are none."""
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.S)
    if not pattern.search(readme):
        raise SystemExit(f"the README has no {BEGIN.strip()} ... {END}")
    return pattern.sub(lambda _: BEGIN + text + END, readme)
