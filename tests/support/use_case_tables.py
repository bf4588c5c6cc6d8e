"""Tables that nobody has described, each written as a file: what `kedro use-case new` has to make sense of."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

Columns = dict[str, object]


def _rows(count: int, seed: int = 7, rate: float = 0.0) -> tuple[np.random.Generator, Columns, np.ndarray]:
    """Draw two numbers and a category, and an outcome that hangs on all three."""
    draw = np.random.default_rng(seed)
    age, income = draw.integers(21, 70, count), np.round(draw.lognormal(10, 0.5, count), 2)
    home = draw.choice(["rent", "own", "free"], count)
    score = -0.05 * (age - 45) - 1.2 * (np.log(income) - 10) + 0.8 * (home == "rent") + draw.normal(size=count) + rate
    return draw, {"age": age, "income": income, "home": home}, (score > 0).astype(int)


def numbers_only(folder: Path) -> tuple[Path, str]:
    draw, _, _ = _rows(300)
    made = draw.normal(size=(300, 6))
    outcome = (made[:, 0] + draw.normal(size=300) > 0).astype(int)
    return _csv(folder, {**{f"x{i}": made[:, i].round(4) for i in range(6)}, "bad": outcome}), "bad"


def accented_categories(folder: Path) -> tuple[Path, str]:
    draw, columns, outcome = _rows(300)
    columns["région"] = draw.choice(["Île de France", "Provence, Côte d'Azur", "Grand Est", "Réunion: outre-mer"], 300)
    columns["état civil"] = draw.choice(["marié(e)", "célibataire", "Ja ", "#1", "${x}"], 300)
    return _csv(folder, {**columns, "défaut": outcome}), "défaut"


def yes_and_no(folder: Path) -> tuple[Path, str]:
    _, columns, outcome = _rows(300)
    return _csv(folder, {**columns, "defaulted": np.where(outcome, "Yes", "No")}), "defaulted"


def one_and_two(folder: Path) -> tuple[Path, str]:
    _, columns, outcome = _rows(300, rate=-1.0)
    return _csv(folder, {**columns, "class": outcome + 1}), "class"


def true_and_false(folder: Path) -> tuple[Path, str]:
    _, columns, outcome = _rows(300)
    path = folder / "table.parquet"
    pd.DataFrame({**columns, "late": outcome.astype(bool)}).to_parquet(path)
    return path, "late"


def three_dates(folder: Path) -> tuple[Path, str]:
    draw, columns, outcome = _rows(600)
    days = pd.Timestamp("2021-01-01") + pd.to_timedelta(draw.integers(0, 900, 600), unit="D")
    columns |= {"application date": days.strftime("%Y-%m-%d"), "first payment": days.strftime("%d/%m/%Y")}
    columns |= {"date_of_birth": days.strftime("%b-%Y"), "customer_id": draw.integers(1000, 1200, 600)}
    return _csv(folder, {**columns, "default": outcome}), "default"


def a_thousand_columns(folder: Path) -> tuple[Path, str]:
    draw, columns, outcome = _rows(300)
    noise = {f"v{i}": draw.normal(size=300).round(3) for i in range(996)}
    return _csv(folder, {**columns, **noise, "default": outcome}), "default"


def half_missing(folder: Path) -> tuple[Path, str]:
    draw, columns, outcome = _rows(400)
    gaps = {name: pd.Series(np.asarray(cells)).mask(draw.random(400) < 0.5) for name, cells in columns.items()}
    return _csv(folder, {**gaps, "default": outcome}), "default"


def forty_rows(folder: Path) -> tuple[Path, str]:
    _, columns, outcome = _rows(40)
    return _csv(folder, {"loan_id": np.arange(40) + 501, **columns, "default": outcome}), "default"


def continental(folder: Path) -> tuple[Path, str]:
    draw, columns, outcome = _rows(300)
    columns |= {"größe": draw.normal(170, 9, 300).round(1), "straße": draw.choice(["Mühlweg", "Allee"], 300)}
    table = pd.DataFrame({**columns, "ausfall": np.where(outcome, "ja", "nein")})
    path = folder / "table.csv"
    path.write_bytes(table.to_csv(index=False, sep=";", decimal=",").encode("latin-1"))
    return path, "ausfall"


def odd_names(folder: Path) -> tuple[Path, str]:
    draw, columns, outcome = _rows(300)
    names = {"age": "Age [years]", "income": "income < 1e6, net (€)", "home": "home: kind?"}
    odd: Columns = {names[name]: cells for name, cells in columns.items()}
    odd |= {"ratio %": draw.random(300).round(3), "2024": draw.normal(size=300).round(3), "a.b": draw.random(300)}
    return _csv(folder, {**odd, "late > 90 days?": outcome}), "late > 90 days?"


def target_first(folder: Path) -> tuple[Path, str]:
    _, columns, outcome = _rows(300)
    return _csv(folder, {"default": outcome, **columns}), "default"


TABLES: Mapping[str, Callable[[Path], tuple[Path, str]]] = {
    made.__name__: made
    for made in (
        numbers_only,
        accented_categories,
        yes_and_no,
        one_and_two,
        true_and_false,
        three_dates,
        a_thousand_columns,
        half_missing,
        forty_rows,
        continental,
        odd_names,
        target_first,
    )
}
"""Each writes a table into a folder and names its path and its target."""


def _csv(folder: Path, columns: Columns) -> Path:
    path = folder / "table.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return path
