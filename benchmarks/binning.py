"""Compare weight of evidence, fit and transform, with OptBinning, scorecardpy and toad, each in a separate process.

``python benchmarks/binning.py [ROWS ...] [--python-of toad=PYTHON] [--limit SECONDS]`` measures the shipped table of
30,000 rows x 23 characteristics. Each ROWS adds a synthetic loan book with this number of rows x 40 columns. For a
library in a separate environment, ``--python-of`` names its interpreter; this environment also needs pyarrow. A missing
library is reported as not installed. All libraries have one thread, the same table, at most 8 bins of at least 2 % of
the rows and, if they support it, the same trend. Special codes of the contract have separate bins in our project and in
OptBinning; the others do not get them. The information value of a characteristic is calculated in the same way for all:
from the rows of each weight that a library gives. The difference is relative to OptBinning, over the characteristics
with at least 0.02 there: the difference of the sum, and the largest difference of one characteristic.

The script prints a Markdown table. When another interpreter runs this file, it imports nothing of this project.
"""

import argparse
import importlib.metadata
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

PROJECT = Path(__file__).parents[1]
TARGET = "target"
MOST_BINS, SMALLEST_SHARE = 8, 0.02
INFORMATIVE = 0.02
Weighing = Callable[[pd.DataFrame], object]
Codes = dict[str, list[int | str]]
Fitting = Callable[[pd.DataFrame, "pd.Series[int]", list[str], Codes], Weighing]
Result = dict[str, object]


def ours(table: pd.DataFrame, outcome: "pd.Series[int]", categorical: list[str], special: Codes) -> Weighing:
    """Fit the weight of evidence of this project."""
    from credit_pipeline.modelling.features.weight_of_evidence import WeightOfEvidence  # noqa: PLC0415  # not installed everywhere

    bounds = {"max_bins": MOST_BINS, "minimum_bin_share": SMALLEST_SHARE}
    made = WeightOfEvidence(categorical=categorical, special_codes=special, **bounds)
    return made.fit(table, outcome.to_numpy()).transform


def by_optbinning(table: pd.DataFrame, outcome: "pd.Series[int]", categorical: list[str], special: Codes) -> Weighing:
    """Fit the process of OptBinning, with the same bounds as ours."""
    from optbinning import BinningProcess  # noqa: PLC0415  # not installed everywhere

    numeric = [name for name in table if name not in categorical]
    trend = {name: {"monotonic_trend": "auto_asc_desc"} for name in numeric}
    codes = {name: {"special_codes": {str(code): code for code in special.get(name, ())} or None} for name in table}
    asked = {name: codes[name] | trend.get(name, {}) for name in table}
    process = BinningProcess(
        list(table),
        max_n_prebins=20,
        min_prebin_size=SMALLEST_SHARE,
        max_n_bins=MOST_BINS,
        min_bin_size=SMALLEST_SHARE,
        categorical_variables=categorical,
        binning_fit_params=asked,
        n_jobs=1,
    )
    process.fit(table, outcome.to_numpy())
    return lambda rows: process.transform(rows, metric="woe", metric_missing="empirical", metric_special="empirical")


def by_scorecardpy(table: pd.DataFrame, outcome: "pd.Series[int]", categorical: list[str], special: Codes) -> Weighing:
    """Fit the tree bins of scorecardpy."""
    import scorecardpy  # noqa: PLC0415  # most environments do not have it

    del categorical, special  # it uses the types of the columns
    bounds = {"count_distr_limit": SMALLEST_SHARE, "bin_num_limit": MOST_BINS, "no_cores": 1}
    bins = scorecardpy.woebin(table.assign(**{TARGET: outcome}), TARGET, **bounds)

    def weigh(rows: pd.DataFrame) -> pd.DataFrame:
        made = scorecardpy.woebin_ply(rows, bins, no_cores=1)
        return made.rename(columns=lambda name: name.removesuffix("_woe"))

    return weigh


def by_toad(table: pd.DataFrame, outcome: "pd.Series[int]", categorical: list[str], special: Codes) -> Weighing:
    """Fit the tree bins of toad and their weights."""
    import toad  # noqa: PLC0415  # most environments do not have it

    del categorical, special  # it uses the types of the columns
    combiner = toad.transform.Combiner()
    bounds = {"method": "dt", "min_samples": SMALLEST_SHARE, "n_bins": MOST_BINS, "empty_separate": True}
    combiner.fit(table, outcome, **bounds)
    weights = toad.transform.WOETransformer()
    weights.fit(combiner.transform(table), outcome)
    return lambda rows: weights.transform(combiner.transform(rows))


LIBRARIES: Mapping[str, tuple[str, Fitting]] = {
    "ours": ("credit-pipeline", ours),
    "optbinning": ("optbinning", by_optbinning),
    "scorecardpy": ("scorecardpy", by_scorecardpy),
    "toad": ("toad", by_toad),
}


def measured(library: str, folder: Path) -> Result:
    """Fit and transform in this process; return seconds, and the information value by characteristic."""
    distribution, fit = LIBRARIES[library]
    table = pd.read_parquet(folder / "table.parquet")
    outcome, columns = table.pop(TARGET), json.loads((folder / "columns.json").read_text(encoding="utf-8"))
    categorical, special = columns["categorical"], columns["special"]
    # These types are known to all libraries.
    table = table.astype({name: object if name in categorical else np.float64 for name in table})
    few = np.arange(len(table)) % max(len(table) // 2_000, 1) == 0
    fit(table[few], outcome[few], categorical, special)(table[few])  # imports, and compiles code on first use
    start = time.perf_counter()
    weigh = fit(table, outcome, categorical, special)
    fitted = time.perf_counter()
    weighed = pd.DataFrame(weigh(table))
    end = time.perf_counter()
    values = {name: information_value(weighed[name], outcome) for name in table if name in weighed}
    version = importlib.metadata.version(distribution)
    return {"version": version, "fit": fitted - start, "transform": end - fitted, "information_values": values}


def information_value(weights: "pd.Series[float]", outcome: "pd.Series[int]") -> float:
    """Return the information value of rows grouped by their weight; half a row replaces 0 rows, as in ours."""
    counts = pd.crosstab(weights.astype(float).round(9).to_numpy(), outcome.to_numpy())
    shares = [counts[kind] / counts[kind].sum() for kind in (0, 1)]
    good, bad = (counts[kind].clip(lower=0.5) / counts[kind].sum() for kind in (0, 1))
    return float(((shares[0] - shares[1]) * np.log(good / bad)).sum())


def shipped() -> tuple[pd.DataFrame, list[str], Codes]:
    """Return the shipped table with its target as ``target``, the names of categories, and the special codes."""
    from credit_pipeline import configuration  # noqa: PLC0415  # not installed everywhere

    spec = configuration.current().spec.data
    table = pd.read_csv(PROJECT / "data/01_raw/credit_card_clients.csv")
    categorical = list(spec.named("categorical"))
    special = {name: list(spec.columns[name].special_codes) for name in spec.inputs if spec.columns[name].special_codes}
    return table[list(spec.inputs)].assign(**{TARGET: table[spec.target]}), categorical, special


def generated(rows: int) -> tuple[pd.DataFrame, list[str], Codes]:
    """Return a synthetic loan book in the same form."""
    from credit_pipeline.use_cases import loan_book  # noqa: PLC0415  # not installed everywhere

    book = loan_book.LoanBook().table(rows).reset_index(drop=True)
    table = book.drop(columns=[loan_book.IDENTIFIER, loan_book.BORROWER, loan_book.DATE])
    categorical = [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    return table.rename(columns={loan_book.TARGET: TARGET}), categorical, {}


def compare(name: str, table: pd.DataFrame, categorical: list[str], special: Codes, given: argparse.Namespace) -> None:
    """Measure every library on one table and print the Markdown table."""
    print(f"\n{name}: {len(table):,} rows x {table.shape[1] - 1}, load {os.getloadavg()[0]:.1f}\n", flush=True)
    with TemporaryDirectory() as folder:
        texts = {column: "c" + table[column].astype("str") for column in categorical}
        table.assign(**texts).to_parquet(Path(folder) / "table.parquet")
        codes = {name: [f"c{code}" if name in texts else code for code in found] for name, found in special.items()}
        columns = {"categorical": categorical, "special": codes}
        (Path(folder) / "columns.json").write_text(json.dumps(columns), encoding="utf-8")
        interpreters = {**dict.fromkeys(LIBRARIES, sys.executable), **dict(given.python_of)}
        found = {library: in_a_process(library, folder, interpreters[library], given.limit) for library in LIBRARIES}
    print(
        "| library | fit | transform | fit, of ours | transform, of ours | information value | difference | largest |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for library, result in found.items():
        print(line(library, result, found))


def in_a_process(library: str, folder: str, python: str, limit: float) -> Result | str:
    """Measure one library in a new process with its own interpreter; if this fails, return the reason."""
    command = [python, __file__, "--one", library, folder]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return f"more than {limit:.0f} s"
    except FileNotFoundError:
        return "not installed"
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return "not installed" if last.startswith("ModuleNotFoundError") else last
    return dict(json.loads(done.stdout.splitlines()[-1]))


def line(library: str, result: Result | str, found: Mapping[str, Result | str]) -> str:
    """Write one line of the table."""
    if isinstance(result, str):
        return f"| {library} | {result} |" + " |" * 6
    ratios = [result[step] / found["ours"][step] for step in ("fit", "transform")]
    reference = found["optbinning"]
    values = pd.Series(result["information_values"])
    shown = f"{values.sum():.4f}"
    if isinstance(reference, str):
        apart = "| |"
    else:
        theirs = pd.Series(reference["information_values"])
        informative = theirs[theirs >= INFORMATIVE]
        largest = (values / informative - 1).abs()
        apart = (
            f"{values[informative.index].sum() / informative.sum() - 1:+.2%} | {largest.max():.1%} {largest.idxmax()} |"
        )
    seconds = f"{result['fit']:.2f} s | {result['transform']:.2f} s | {ratios[0]:.1f}x | {ratios[1]:.1f}x"
    return f"| {library} {result['version']} | {seconds} | {shown} | {apart}"


def interpreter(given: str) -> tuple[str, str]:
    """Read ``library=PYTHON``."""
    library, _, python = given.partition("=")
    if library not in LIBRARIES or not python:
        raise argparse.ArgumentTypeError(f"expected LIBRARY=PYTHON, with one of {', '.join(LIBRARIES)}; got {given}")
    return library, python


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", type=float)
    parser.add_argument("--python-of", action="append", default=[], type=interpreter)
    parser.add_argument("--limit", type=float, default=480.0, help="seconds for one library")
    return parser.parse_args()


def main() -> None:
    """Compare the libraries on every requested table."""
    given = arguments()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    compare("shipped", *shipped(), given)
    for rows in given.rows:
        compare("synthetic", *generated(int(rows)), given)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measured(sys.argv[2], Path(sys.argv[3]))))
    else:
        main()
