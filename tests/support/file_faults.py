"""Files as people deliver them: faulty ones, each with one fault, and unusual ones that are sound."""

import csv
import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path

RAW = Path(__file__).parents[1] / "data/applications.csv"
TARGET = "default payment next month"
ROWS = 300
Rows = list[list[str]]
Edit = Callable[[Rows], Rows]


def rows() -> Rows:
    """Header and the first rows of the test table."""
    with RAW.open(encoding="utf-8", newline="") as file:
        return [row for _, row in zip(range(ROWS + 1), csv.reader(file), strict=False)]


def written(table: Rows, separator: str = ",", encoding: str = "utf-8", end: str = "\n") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=end).writerows(table)
    return out.getvalue().encode(encoding)


def position(name: str) -> int:
    return rows()[0].index(name)


def column(name: str, change: Callable[[str, int], str], every: int = 1) -> bytes:
    """Change one column, in every so many rows."""
    table, place = rows(), position(name)
    for number in range(1, len(table), every):
        table[number][place] = change(table[number][place], number)
    return written(table)


def cell(name: str, value: str, number: int = 7) -> bytes:
    table = rows()
    table[number][position(name)] = value
    return written(table)


def header(change: Callable[[list[str]], list[str]]) -> bytes:
    table = rows()
    return written([change(table[0]), *table[1:]])


def row(number: int, change: Callable[[list[str]], list[str]]) -> bytes:
    table = rows()
    table[number] = change(table[number])
    return written(table)


def without(name: str) -> bytes:
    place = position(name)
    return written([[*fields[:place], *fields[place + 1 :]] for fields in rows()])


def twice(name: str) -> bytes:
    place = position(name)
    return written([[*fields, fields[place]] for fields in rows()])


def structure() -> Iterator[tuple[str, bytes]]:
    """Yield files that are no table, or another table."""
    plain = written(rows())
    yield from ((f"without {name}", without(name)) for name in ("ID", "LIMIT_BAL", "SEX", "PAY_0", "BILL_AMT6", TARGET))
    yield from ((f"{name} twice", twice(name)) for name in ("ID", "AGE", "PAY_6", TARGET))
    yield from ((f"separated by {mark!r}", written(rows(), mark)) for mark in (";", "\t", "|", " "))
    yield from ((f"a field more in row {n}", row(n, lambda fields: [*fields, "1"])) for n in (1, 150, 300))
    yield from ((f"a field less in row {n}", row(n, lambda fields: fields[:-1])) for n in (1, 150, 300))
    yield from ((f"in {name}", plain.decode().encode(name)) for name in ("utf-16", "utf-32", "utf-16-le"))
    yield from (
        (f"starts as {name}", magic + plain)
        for name, magic in (
            ("zip", b"PK\x03\x04"),
            ("gzip", b"\x1f\x8b\x08\x00"),
            ("parquet", b"PAR1"),
            ("pdf", b"%PDF-1.7\n"),
        )
    )
    yield "empty", b""
    yield "blank lines", b"\n\n\n"
    yield "a blank", b" "
    yield "header only", written(rows()[:1])
    yield "no header", written(rows()[1:])
    yield "header in other letters", header(lambda names: [name.lower() for name in names])
    yield "an empty column name", header(lambda names: ["", *names[1:]])
    yield "an unknown column", written([[*fields, "x" if n == 0 else "1"] for n, fields in enumerate(rows())])
    yield "a byte of Latin-1", plain.replace(b",", b"\xe9,", 1)
    yield "NUL bytes", plain.replace(b"20000", b"20\x00000", 1)
    yield "cut in a row", plain[: len(plain) * 2 // 3 - 7].rpartition(b",")[0]
    yield "an open quote", plain.replace(b"\n", b'\n"', 2)
    yield (
        "every row has a field more",
        written([fields if n == 0 else [*fields, "0"] for n, fields in enumerate(rows())]),
    )


NUMBERS = ("LIMIT_BAL", "AGE", "BILL_AMT1", "PAY_AMT6", "PAY_0")


def values() -> Iterator[tuple[str, bytes]]:
    """Yield files in which single cells break the contract."""
    for text in ("abc", "inf", "-inf", "1e999", "NaN", "NA", "", "1,5", "0x10", "1_000"):
        for name in NUMBERS[:3] if text else NUMBERS[:2]:
            yield f"{text!r} in {name}", cell(name, text)
    for name, value in (
        ("LIMIT_BAL", "-1"),
        ("LIMIT_BAL", "0"),
        ("AGE", "17"),
        ("AGE", "999"),
        ("AGE", "30.5"),
        ("PAY_AMT1", "-5"),
        ("PAY_0", "10"),
        ("PAY_0", "-3"),
        ("PAY_6", "1.5"),
        ("SEX", "0"),
        ("SEX", "3"),
        ("SEX", "male"),
        ("EDUCATION", "7"),
        ("EDUCATION", "-1"),
        ("MARRIAGE", "4"),
        (TARGET, "2"),
        (TARGET, ""),
        (TARGET, "yes"),
        ("BILL_AMT1", "1e12"),
        ("ID", ""),
        ("ID", "0"),
    ):
        yield f"{value!r} in {name}", cell(name, value)
    yield "the header once more", written([rows()[0], *rows()])
    yield "an ID twice", cell("ID", rows()[1][position("ID")])


def meaning() -> Iterator[tuple[str, bytes]]:
    """Yield tables that read well and mean something else."""
    yield "one class, paid", column(TARGET, lambda _v, _n: "0")
    yield "one class, default", column(TARGET, lambda _v, _n: "1")
    yield "no outcome", column(TARGET, lambda _v, _n: "")
    yield "outcomes in words", column(TARGET, lambda v, _n: "yes" if v == "1" else "no")
    yield "outcomes 1 and 2", column(TARGET, lambda v, _n: str(int(v) + 1))
    yield "outcomes as shares", column(TARGET, lambda v, _n: f"{int(v) * 0.9:.2f}")
    yield "one ID for all", column("ID", lambda _v, _n: "1")
    yield "IDs as text", column("ID", lambda v, _n: f"C{v}")
    for name in ("LIMIT_BAL", "BILL_AMT1"):
        yield f"{name} with a currency", column(name, lambda v, _n: f"NT$ {v}")
        yield f"{name} with a unit", column(name, lambda v, _n: f"{v} TWD")
        yield f"{name} in words", column(name, lambda _v, _n: "many")
        yield f"{name} missing in each row", column(name, lambda _v, _n: "")
        yield f"{name} as dates", column(name, lambda _v, _n: "2005-09-30")
    yield "AGE as a year of birth", column("AGE", lambda v, _n: str(2005 - int(v)))
    yield "AGE as a share", column("AGE", lambda v, _n: f"{int(v) / 100}")
    yield "AGE as a class", column("AGE", lambda _v, _n: "30-39")
    yield "SEX in words", column("SEX", lambda v, _n: {"1": "male", "2": "female"}[v])
    yield "SEX as 0 and 1", column("SEX", lambda v, _n: str(int(v) - 1))
    yield "PAY_0 in words", column("PAY_0", lambda _v, _n: "on time")
    yield "PAY_0 in days", column("PAY_0", lambda v, _n: str(int(v) * 30))
    yield "LIMIT_BAL in millions", column("LIMIT_BAL", lambda v, _n: f"{float(v) / 1e6}")
    yield "one row in ten out of range", column("AGE", lambda _v, _n: "5", every=10)
    yield "one row in ten missing", column("BILL_AMT3", lambda _v, _n: "", every=10)
    yield (
        "AGE and LIMIT_BAL change places",
        header(lambda names: [{"AGE": "LIMIT_BAL", "LIMIT_BAL": "AGE"}.get(n, n) for n in names]),
    )
    yield (
        "SEX and EDUCATION change places",
        header(lambda names: [{"SEX": "EDUCATION", "EDUCATION": "SEX"}.get(n, n) for n in names]),
    )
    yield "the table twice", written([*rows(), *rows()[1:]])


def sound() -> Iterator[tuple[str, bytes]]:
    """Yield unusual files that mean what they say."""
    plain = written(rows())
    yield "as it is", plain
    yield "with a byte order mark", b"\xef\xbb\xbf" + plain
    yield "with line ends of Windows", written(rows(), end="\r\n")
    yield "without a last line end", plain.rstrip(b"\n")
    yield "with a last blank line", plain + b"\n"
    yield (
        "all fields in quotes",
        b"\n".join(b",".join(b'"' + f + b'"' for f in line.split(b",")) for line in plain.split(b"\n")[:-1]),
    )
    order = list(range(len(rows()[0])))[::-1]
    yield "columns in another order", written([[fields[place] for place in order] for fields in rows()])
    yield "rows in another order", written([rows()[0], *reversed(rows()[1:])])
    yield "few rows", written(rows()[:60])
    for name in NUMBERS:
        yield f"{name} with a point", column(name, lambda v, _n: f"{v}.0")
        yield f"{name} with a plus", column(name, lambda v, _n: v if v.startswith("-") else f"+{v}")
    for name in NUMBERS[:3]:
        yield f"{name} with blanks around", column(name, lambda v, _n: f" {v} ")
        yield f"{name} as a power", column(name, lambda v, _n: f"{float(v):.17e}")
    yield "special codes everywhere", column("PAY_0", lambda _v, n: str(-(n % 3)))
    yield "long numbers of clients", column("ID", lambda v, _n: str(10**15 + int(v)))
    yield "bills of exact cents", column("BILL_AMT1", lambda v, _n: f"{float(v) + 0.25:.2f}")
    yield "payments of nothing", column("PAY_AMT1", lambda _v, _n: "0")
    yield "the oldest clients", column("AGE", lambda _v, _n: "100")


REFUSED, SET_ASIDE, TAKEN = "refused", "one row set aside", "taken whole"


def mutant(seed: int) -> tuple[str, bytes]:
    """Give what must become of a file, and the file: the test table with one change that is drawn."""
    draw = random.Random(seed)  # noqa: S311  # no secret
    expected = draw.choice([REFUSED, REFUSED, SET_ASIDE, SET_ASIDE, TAKEN])
    changes = {REFUSED: _other_table, SET_ASIDE: _faulty_cell, TAKEN: _unusual}
    return expected, changes[expected](draw)


def _other_table(draw: random.Random) -> bytes:
    table = rows()
    number, place = draw.randrange(1, len(table)), draw.randrange(len(table[0]))
    name = table[0][place]
    return draw.choice(
        [
            lambda: without(name),
            lambda: twice(name),
            lambda: row(number, lambda fields: fields[: draw.randrange(1, len(fields))]),
            lambda: row(number, lambda fields: [*fields, *["1"] * draw.randrange(1, 9)]),
            lambda: header(lambda names: [f"{found}_" if found == name else found for found in names]),
            lambda: written(table, draw.choice(";\t|")),
            lambda: written(table).decode().encode(draw.choice(["utf-16", "utf-32", "utf-16-be"])),
            lambda: written(table)[: draw.randrange(2_000, 20_000)].rpartition(b",")[0],
            lambda: column(name, lambda _value, _number: draw.choice(["many", "2005-09-30", ""])),
            lambda: draw.randbytes(draw.randrange(1, 5_000)),
        ]
    )()


def _faulty_cell(draw: random.Random) -> bytes:
    name = draw.choice([name for name in rows()[0] if name != "ID"])
    value = draw.choice(["abc", "inf", "-inf", "1e999", "NaN", "NA", "", "0x10", "1_000", "-1e15", "1e15"])
    return cell(name, value, draw.randrange(1, ROWS))


def _unusual(draw: random.Random) -> bytes:
    names, *table = rows()
    order = draw.sample(range(len(names)), len(names))
    chosen = [[fields[place] for place in order] for fields in [names, *draw.sample(table, draw.randrange(100, ROWS))]]
    plus = draw.choice(["{}", " {} ", "{}.0"])
    return written([chosen[0], *([plus.format(value) for value in fields] for fields in chosen[1:])])
