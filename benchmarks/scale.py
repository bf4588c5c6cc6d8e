"""How time and memory grow with the rows: ``python benchmarks/scale.py [ROWS ...]``, by default 1e4, 1e5 and 1e6.

For each size a process of its own makes that many rows x 40 columns of the synthetic loan book, checks and splits
them, makes features and recipes as `kedro run --env synthetic` does, and trains its models, one candidate each,
without worker processes. Told are the seconds and the peak of memory by step, the growth exponent from one size to the
next (1: in proportion to the rows), and the peak as a multiple of the raw table. Needs Linux, which tells a peak since
a moment.
"""

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from credit_pipeline import configuration
from credit_pipeline.modelling import training
from credit_pipeline.modelling.loan_book import LoanBook
from credit_pipeline.pipelines.data_split.nodes import set_aside, split_applications
from credit_pipeline.pipelines.feature_engineering.nodes import derive_features, fit_recipe
from credit_pipeline.pipelines.training.nodes import assignment

T = TypeVar("T")
Step = dict[str, float]
SIZES = (10_000, 100_000, 1_000_000)
MEGABYTE = 1024**2


def memory(kind: str) -> float:
    """Megabytes of this process: ``VmRSS`` now, ``VmHWM`` at the peak."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(kind)) / 1024


class Steps:
    """Seconds and peak of memory, above that of the bare process, by step."""

    def __init__(self) -> None:
        self.found: dict[str, Step] = {}
        self.bare = memory("VmRSS")

    def measured(self, name: str, action: Callable[..., T], *given: object) -> T:
        """Do one step."""
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forgets the peak so far
        start = time.perf_counter()
        made = action(*given)
        self.found[name] = {"seconds": time.perf_counter() - start, "megabytes": memory("VmHWM") - self.bare}
        return made


def one_size(rows: int) -> dict[str, object]:
    """Measure every step at one size, in this process."""
    given = dict(configuration.current().parameters)
    data, features, recipes = given["data"], given["features"], given["recipes"]
    training_ = {**given["training"], "jobs": 1}
    steps = Steps()
    book = LoanBook(**{k: v for k, v in configuration.current().spec.generator.model_dump().items() if k != "rows"})
    raw = book.table(rows).reset_index(drop=True)
    size = raw.memory_usage(deep=True).sum() / MEGABYTE
    clean, quarantined, found = steps.measured("contract", set_aside, raw, data)
    parts = steps.measured("split", split_applications, clean, quarantined, found, data, given["split"])
    del clean, raw
    derived = steps.measured("features", derive_features, *parts, data, features)
    manifest = parts[2]
    del parts
    for name, model in given["models"].items():
        recipe = recipes[model["recipe"]]
        made = steps.measured(f"recipe {model['recipe']}", fit_recipe, *derived, recipe, data, features)
        space = {argument: values[:1] for argument, values in model["search"]["space"].items()}
        one = {**model, "search": {"strategy": "grid", "space": space}}
        assigned = assignment(one, recipe, data, features, training_, manifest)
        steps.measured(f"train {name}", training.train, assigned, derived[0], made[0], made[3])
        del made
    return {"rows": rows, "raw_megabytes": size, "steps": steps.found}


def report(sizes: list[dict[str, object]]) -> None:
    """Print a table: a line a step, seconds and megabytes by size, and the growth of the seconds."""
    for step in sizes[0]["steps"]:
        found = [size["steps"][step] for size in sizes]
        shown = "  ".join(f"{one['seconds']:8.2f} s {one['megabytes']:7.0f} MB" for one in found)
        print(f"{step:26} {shown}   {growth(sizes, [one['seconds'] for one in found])}")
    totals = [sum(one["seconds"] for one in size["steps"].values()) for size in sizes]
    peaks = [max(one["megabytes"] for one in size["steps"].values()) / size["raw_megabytes"] for size in sizes]
    shown = "  ".join(f"{total:8.2f} s {peak:5.1f}x raw" for total, peak in zip(totals, peaks, strict=True))
    print(f"{'in all':26} {shown}   {growth(sizes, totals)}")


def growth(sizes: list[dict[str, object]], seconds: list[float]) -> str:
    """Growth exponents of the seconds from each size to the next."""
    rows = [float(size["rows"]) for size in sizes]
    return ", ".join(
        f"{math.log(seconds[i + 1] / seconds[i]) / math.log(rows[i + 1] / rows[i]):.2f}" for i in range(len(rows) - 1)
    )


def in_a_process(rows: int) -> dict[str, object]:
    """Measure one size in a fresh process."""
    environment = {**os.environ, "KEDRO_ENV": "synthetic"}
    command = [sys.executable, __file__, "--one", str(rows)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found = dict(json.loads(done.stdout.splitlines()[-1]))
    told = ", ".join(f"{name} {one['seconds']:.1f} s {one['megabytes']:.0f} MB" for name, one in found["steps"].items())
    print(f"{rows:,} rows, load {os.getloadavg()[0]:.1f}: {told}", flush=True)
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one_size(int(sys.argv[2]))))
    else:
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        measured = [in_a_process(int(float(rows))) for rows in sys.argv[1:] or map(str, SIZES)]
        print("rows " + ", ".join(f"{size['rows']:,} ({size['raw_megabytes']:.0f} MB)" for size in measured))
        report(measured)
