"""Test many random failures in runs of the test environment: ``python benchmarks/endurance.py KIND --rounds N``.

The number of a round is the seed of its random choices. Its result is written to a file when the round ends. The same
command continues where the last one stopped, so you can run the rounds of a long test in parts:

mutants          a raw table with a random error: the file is rejected, its row set aside, or accepted, as it should be
kills            `kill -9` at a random event of a run, then a normal run: the same digests, and no incomplete file
full-disk        one random write, flush, link or rename of the project fails as on a full disk, then a normal run
at-once          four complete runs at once on one project: each uses only its own data, whichever becomes champion
probabilities    1,000 random groups of applicants for each model: a probability that does not depend on the group
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

import test_assembled_models as models  # noqa: E402
import test_bad_files as bad_files  # noqa: E402
import test_disk as disk  # noqa: E402
import test_runs_at_once as runs  # noqa: E402
from hypothesis import HealthCheck, given, seed, settings  # noqa: E402
from kedro.config import OmegaConfigLoader  # noqa: E402
from sklearn.pipeline import Pipeline  # noqa: E402

import file_faults  # noqa: E402  # they are in the tests, which are not a package
from conftest import copy_project, run_in_process  # noqa: E402
from credit_pipeline.configuration import CONFIG_LOADER_ARGS  # noqa: E402
from credit_pipeline.datasets.trusted_types import load_trusted  # noqa: E402
from whole_runs import one_model  # noqa: E402

ROUNDS = {"mutants": 1_000, "kills": 50, "full-disk": 100, "at-once": 20, "probabilities": 25}
EXAMPLES = 1_000
CALLS = ("write", "fsync", "link", "rename")
HERE = Path(tempfile.gettempdir()) / "credit_pipeline_endurance"


def fresh(name: str) -> Path:
    """Return a project with one fast model in which nothing has run."""
    shutil.rmtree(HERE / name, ignore_errors=True)
    return one_model(copy_project(HERE / name))


@cache
def undisturbed() -> tuple[int, dict[str, str]]:
    """Return the number of events of a normal run, and the digests of its files."""
    return runs.events_of(fresh("undisturbed"))


def mutant(number: int) -> str:
    """Read a random file through the checks of the raw table."""
    data = OmegaConfigLoader(str(PROJECT / "conf"), env="base", **CONFIG_LOADER_ARGS)["parameters"]["data"]
    expected, content = file_faults.mutant(number)
    with tempfile.TemporaryDirectory() as folder:
        found = bad_files.outcome(content, data, Path(folder))
    require(found == expected, f"{found}, not {expected}")
    return found


def killed(number: int) -> str:
    """Kill a run at a random event."""
    events, digests = undisturbed()
    moment = drawn(number).randrange(1, events)
    runs.check_killed(fresh("killed"), [moment], digests)
    return f"at event {moment:,} of {events:,}"


def full_disk(number: int) -> str:
    """Let one random system call of a run fail as on a full disk."""
    project, draw = fresh("full"), drawn(number)
    call = draw.choice(CALLS if shutil.which("strace") else CALLS[:1])
    when = draw.randrange(8, 200 if call == "write" else 60)
    code, said = disk.kedro(project, under=disk.full_for(call, when))
    require("Traceback" not in said, said[-2000:])
    require(code == 0 or "StorageError" in said, said[-2000:])
    require(not list((project / "data").rglob("*.partial")), "an incomplete file is left")
    ended = code
    code, said = disk.kedro(project)
    require(code == 0 and runs.digests(project) == undisturbed()[1], said[-2000:])
    return f"{call} {when}, exit {ended}"


def at_once(number: int) -> str:
    """Run the lifecycle four times at once."""
    runs.check_at_once(fresh("at_once"), [4 * number + place for place in range(4)])
    return "4 used only their own data"


@cache
def candidates() -> Mapping[str, Pipeline]:
    """Return the models that a run of the test environment has fitted."""
    shutil.rmtree(HERE / "models", ignore_errors=True)
    run_in_process(copy_project(HERE / "models"))
    folder = HERE / "models/data/test/06_models"
    return {name: load_trusted(max((folder / name / "candidate.skops").glob("*/*"))) for name in models.MODELS}


def probabilities(number: int) -> str:
    """Ask every model about random applicants."""
    for pipeline in candidates().values():
        ask(pipeline, number)
    return f"{EXAMPLES * len(candidates()):,} groups"


def ask(pipeline: Pipeline, number: int) -> None:
    """Ask a model about the groups of applicants of a round."""

    @seed(number)
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(models.COMPANY)
    def always(applicants: list[dict[str, object]]) -> None:
        models.check(pipeline, applicants)

    always()


def drawn(number: int) -> random.Random:
    """Return the random generator of a round."""
    return random.Random(number)  # noqa: S311  # nosec B311  # not used for secrets


def require(holds: bool, otherwise: str) -> None:
    """Fail the round if a condition is not met."""
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
    """Run a round, and say whether it passed."""
    try:
        return {"held": True, "seen": KINDS[kind](number)}
    except AssertionError:
        return {"held": False, "seen": re.sub(r"\s+", " ", traceback.format_exc())[-2000:]}


def endure(kind: str, rounds: int, progress: Path) -> list[dict[str, object]]:
    """Run the rounds that are not done; the result of each is written when it ends."""
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
    print(f"{asked.kind}: {len(rounds):,} rounds, {failed} failed")
    sys.exit(bool(failed))
