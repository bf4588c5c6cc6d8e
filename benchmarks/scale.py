"""Measure how time and memory grow with the rows: ``python benchmarks/scale.py [ROWS ...]``; default 1e4, 1e5, 1e6.

For each size, a separate process makes a synthetic loan book with this number of rows x 40 columns. It checks and
splits the table, makes features and recipes as `kedro run --env synthetic` does, and trains the models, with one
candidate each and without worker processes. Between the steps, tables are Parquet files as in the catalog. The script
prints the seconds and the peak of memory for each step, the growth exponent from one size to the next (1: in proportion
to the rows), and the peak as a multiple of the raw table, which is included in the peak.

The megabytes of a step are the peak of the process, minus the memory that the process has after all imports. For this,
the steps first run on 2,000 rows, and the memory that the allocator keeps after that is released. The last line shows
the peak of the whole process, including imports. This needs Linux, because only Linux can reset the peak.
"""

import ctypes
import gc
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa

from credit_pipeline import configuration
from credit_pipeline.datasets.files import ParquetTable
from credit_pipeline.modelling.splitting import schemes
from credit_pipeline.modelling.training import training
from credit_pipeline.pipelines.data_split.nodes import set_aside, split_applications
from credit_pipeline.pipelines.feature_engineering.nodes import derive_features, fit_recipe
from credit_pipeline.spec import SearchSpec
from credit_pipeline.use_cases.loan_book import LoanBook

Step = dict[str, float]
SIZES = (10_000, 100_000, 1_000_000)
FEW = 2_000
MEGABYTE = 1024**2


def memory(kind: str) -> float:
    """Return the megabytes of this process: ``VmRSS`` now, ``VmHWM`` at the peak."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(kind)) / 1024


def given_back() -> float:
    """Return unused memory to the system; return the megabytes that are still in use."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    ctypes.CDLL(None).malloc_trim(0)
    return memory("VmRSS")


class Steps:
    """Seconds and peak of memory by step, without the memory of the imports."""

    def __init__(self) -> None:
        self.found: dict[str, Step] = {}
        self.bare = given_back()

    def measured(
        self, name: str, action: Callable[..., Sequence[object]], *given: object, folder: Path
    ) -> list[object]:
        """Do one step as a node does: load its inputs, save its outputs; tables are files between the steps."""
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # resets the peak
        start = time.perf_counter()
        made = action(*[one.load() if isinstance(one, ParquetTable) else one for one in given])
        kept = [saved(one, folder) if isinstance(one, pd.DataFrame) else one for one in made]
        self.found[name] = {"seconds": time.perf_counter() - start, "megabytes": memory("VmHWM") - self.bare}
        return kept


def saved(table: pd.DataFrame, folder: Path) -> ParquetTable:
    """Write a table as the catalog does."""
    file = ParquetTable(filepath=str(folder / f"{len(list(folder.iterdir()))}.parquet"))
    file.save(table)
    return file


def one_size(rows: int) -> dict[str, object]:
    """Measure every step for one size, after a run on few rows that does all imports."""
    measured_steps(FEW)
    return measured_steps(rows)


def measured_steps(rows: int) -> dict[str, object]:
    """Do every step on this number of rows."""
    spec = configuration.current().spec
    data, features = spec.data, spec.features
    training_ = spec.training.model_copy(update={"jobs": 1})
    book = LoanBook(**{k: v for k, v in spec.generator.model_dump().items() if k != "rows"})
    steps = Steps()
    raw = book.table(rows).reset_index(drop=True)
    given_back()  # memory that was used to make the table
    size = raw.memory_usage(deep=True).sum() / MEGABYTE
    with TemporaryDirectory() as folder:
        step = partial(steps.measured, folder=Path(folder))
        clean = step("contract", set_aside, raw, data)
        del raw
        *parts, manifest = step("split", split_applications, *clean, data, spec.split)
        derived = step("features", derive_features, *parts, manifest, data, features)
        for name, model in spec.models.items():
            recipe = spec.recipes[model.recipe]
            fitted, _, _, table, _ = step(f"recipe {model.recipe}", fit_recipe, *derived, recipe, data, features)
            space = {argument: values[:1] for argument, values in model.search.space.items()}
            one = model.model_copy(update={"search": SearchSpec(strategy="grid", space=space)})
            scheme = schemes.scheme_of(manifest)
            assigned = training.Assignment(one, recipe, data, features, training_, scheme)
            step(f"train {name}", trained, assigned, derived[0], fitted, table)
    return {"rows": rows, "raw_megabytes": size, "imports_megabytes": steps.bare, "steps": steps.found}


def trained(*given: object) -> tuple[training.Trained]:
    """Train one model."""
    return (training.train(*given),)


def report(sizes: list[dict[str, object]]) -> None:
    """Print a table: one line for each step, with seconds and megabytes by size, and the growth of the seconds."""
    for step in sizes[0]["steps"]:
        found = [size["steps"][step] for size in sizes]
        shown = "  ".join(f"{one['seconds']:8.2f} s {one['megabytes']:7.0f} MB" for one in found)
        print(f"{step:26} {shown}   {growth(sizes, [one['seconds'] for one in found])}")
    totals = [sum(one["seconds"] for one in size["steps"].values()) for size in sizes]
    peaks = [max(one["megabytes"] for one in size["steps"].values()) for size in sizes]
    multiples = [peak / size["raw_megabytes"] for peak, size in zip(peaks, sizes, strict=True)]
    shown = "  ".join(f"{total:8.2f} s {multiple:5.1f}x raw" for total, multiple in zip(totals, multiples, strict=True))
    print(f"{'in total':26} {shown}   {growth(sizes, totals)}")
    whole = [peak + size["imports_megabytes"] for peak, size in zip(peaks, sizes, strict=True)]
    shown = "  ".join(
        f"{one:10.0f} {one / size['raw_megabytes']:5.1f}x raw" for one, size in zip(whole, sizes, strict=True)
    )
    print(f"{'MB with imports':26} {shown}")


def growth(sizes: list[dict[str, object]], seconds: list[float]) -> str:
    """Return the growth exponents of the seconds from each size to the next."""
    rows = [float(size["rows"]) for size in sizes]
    return ", ".join(
        f"{math.log(seconds[i + 1] / seconds[i]) / math.log(rows[i + 1] / rows[i]):.2f}" for i in range(len(rows) - 1)
    )


def in_a_process(rows: int) -> dict[str, object]:
    """Measure one size in a new process."""
    environment = {**os.environ, "KEDRO_ENV": "synthetic"}
    command = [sys.executable, __file__, "--one", str(rows)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found = dict(json.loads(done.stdout.splitlines()[-1]))
    steps = ", ".join(
        f"{name} {one['seconds']:.1f} s {one['megabytes']:.0f} MB" for name, one in found["steps"].items()
    )
    print(f"{rows:,} rows, load {os.getloadavg()[0]:.1f}: {steps}", flush=True)
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one_size(int(sys.argv[2]))))
    else:
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        measured = [in_a_process(int(float(rows))) for rows in sys.argv[1:] or map(str, SIZES)]
        print("rows " + ", ".join(f"{size['rows']:,} ({size['raw_megabytes']:.0f} MB)" for size in measured))
        report(measured)
