"""What a night of bad luck does to runs of the test environment: ``python benchmarks/endurance.py KIND --rounds N``.

Every round has a number, from which all that is drawn follows, and its outcome is written to a file when it ends. The
same command goes on where the last one stopped, so the rounds of a long form may be run in pieces:

mutants          a file of the raw table with a drawn fault: refused, its row set aside, or taken, as it deserves
kills            `kill -9` at a drawn event of a whole run, then an undisturbed run: the same digests, nothing partial
full-disk        one drawn write, flush, link or rename of the project fails as on a full disk, then an undisturbed run
at-once          four whole runs at once on one project: each ends on its own data, whoever becomes champion
probabilities    1,000 drawn companies of applicants for each model: a probability, the same in any company
"""

import argparse
import json
import os
import random
import re
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parents[1]
sys.path[:0] = [str(PROJECT / folder) for folder in ("src", "tests", "tools")]
os.environ |= {"PYTHONPATH": str(PROJECT / "src"), "DO_NOT_TRACK": "true"}

from hypothesis import HealthCheck, given, seed, settings  # noqa: E402
from kedro.config import OmegaConfigLoader  # noqa: E402
from sklearn.pipeline import Pipeline  # noqa: E402

import file_faults  # noqa: E402  # they lie in the tests, which are no package
import test_assembled_models as models  # noqa: E402
import test_bad_files as bad_files  # noqa: E402
import test_disk as disk  # noqa: E402
import test_runs_at_once as runs  # noqa: E402
from conftest import copy_project, run_in_process  # noqa: E402
from credit_pipeline.configuration import CONFIG_LOADER_ARGS  # noqa: E402
from credit_pipeline.datasets.trusted_types import load_trusted  # noqa: E402
from whole_runs import one_model  # noqa: E402

ROUNDS = {"mutants": 1_000, "kills": 50, "full-disk": 100, "at-once": 20, "probabilities": 25}
EXAMPLES = 1_000
CALLS = ("write", "fsync", "link", "rename")
HERE = Path(tempfile.gettempdir()) / "credit_pipeline_endurance"


def fresh(name: str) -> Path:
    """Give a project of one quick model in which nothing has run."""
    shutil.rmtree(HERE / name, ignore_errors=True)
    return one_model(copy_project(HERE / name))


@cache
def undisturbed() -> tuple[int, dict[str, str]]:
    """Give the number of events of an undisturbed run, and what it wrote."""
    return runs.events_of(fresh("undisturbed"))


def mutant(number: int) -> str:
    """Take a drawn file through the door."""
    data = OmegaConfigLoader(str(PROJECT / "conf"), env="base", **CONFIG_LOADER_ARGS)["parameters"]["data"]
    expected, content = file_faults.mutant(number)
    with tempfile.TemporaryDirectory() as folder:
        found = bad_files.outcome(content, data, Path(folder))
    require(found == expected, f"{found}, not {expected}")
    return found


def killed(number: int) -> str:
    """Kill a run at a drawn event."""
    events, digests = undisturbed()
    moment = drawn(number).randrange(1, events)
    runs.check_killed(fresh("killed"), [moment], digests)
    return f"at event {moment:,} of {events:,}"


def full_disk(number: int) -> str:
    """Let one drawn call of a run find the disk full."""
    project, draw = fresh("full"), drawn(number)
    call = draw.choice(CALLS if shutil.which("strace") else CALLS[:1])
    when = draw.randrange(8, 200 if call == "write" else 60)
    code, said = disk.kedro(project, under=disk.full_for(call, when))
    require("Traceback" not in said, said[-2000:])
    require(code == 0 or "StorageError" in said, said[-2000:])
    require(not list((project / "data").rglob("*.partial")), "something partial is left")
    ended = code
    code, said = disk.kedro(project)
    require(code == 0 and runs.digests(project) == undisturbed()[1], said[-2000:])
    return f"{call} {when}, exit {ended}"


def at_once(number: int) -> str:
    """Run the lifecycle four times at once."""
    runs.check_at_once(fresh("at_once"), [4 * number + place for place in range(4)])
    return "4 ended on their own data"


@cache
def candidates() -> Mapping[str, Pipeline]:
    """Give the models that a run of the test environment has fitted."""
    shutil.rmtree(HERE / "models", ignore_errors=True)
    run_in_process(copy_project(HERE / "models"))
    folder = HERE / "models/data/test/06_models"
    return {name: load_trusted(max((folder / name / "candidate.skops").glob("*/*"))) for name in models.MODELS}


def probabilities(number: int) -> str:
    """Ask every model about drawn applicants."""
    for pipeline in candidates().values():
        ask(pipeline, number)
    return f"{EXAMPLES * len(candidates()):,} companies"


def ask(pipeline: Pipeline, number: int) -> None:
    """Ask a model about the companies of a round."""

    @seed(number)
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(models.COMPANY)
    def always(applicants: list[dict[str, object]]) -> None:
        models.check(pipeline, applicants)

    always()


def drawn(number: int) -> random.Random:
    """Give what draws for a round."""
    return random.Random(number)  # noqa: S311  # nosec B311  # no secret


def require(holds: bool, otherwise: str) -> None:
    """Fail a round that does not hold."""
    if not holds:
        raise AssertionError(otherwise)


KINDS: Mapping[str, Callable[[int], str]] = {
    "mutants": mutant,
    "kills": killed,
    "full-disk": full_disk,
    "at-once": at_once,
    "probabilities": probabilities,
}


def outcome(kind: str, number: int) -> dict[str, object]:
    """Run a round; say whether it held."""
    try:
        return {"held": True, "seen": KINDS[kind](number)}
    except AssertionError:
        return {"held": False, "seen": re.sub(r"\s+", " ", traceback.format_exc())[-2000:]}


def endure(kind: str, rounds: int, progress: Path) -> list[dict[str, object]]:
    """Run the rounds that are not done; each is noted when it ends."""
    done = json.loads(progress.read_text(encoding="utf-8")) if progress.exists() else {}
    noted = done.setdefault(kind, {})
    for number in range(rounds):
        if str(number) not in noted:
            noted[str(number)] = outcome(kind, number)
            beside = progress.with_suffix(".partial")
            beside.write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
            beside.replace(progress)
            print(kind, number, noted[str(number)]["seen"], flush=True)
    return [noted[str(number)] for number in range(rounds)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--rounds", type=int, help=f"by default {ROUNDS}")
    parser.add_argument("--progress", type=Path, default=Path("endurance.json"))
    asked = parser.parse_args()
    rounds = endure(asked.kind, asked.rounds or ROUNDS[asked.kind], asked.progress)
    failed = sum(not found["held"] for found in rounds)
    print(f"{asked.kind}: {len(rounds):,} rounds, {failed} did not hold")
    sys.exit(bool(failed))
