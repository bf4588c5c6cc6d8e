"""AUC over the folds for several seeds of the split: ``python benchmarks/seeds.py [COUNT] [MODEL ...]``.

It uses the shipped table and YAML; only ``split.seed`` differs. It prints each seed when it ends, and the means at the
end.
"""

import sys
from pathlib import Path

import numpy as np
from plain_script import fit_all

PROJECT = Path(__file__).parents[1]
COUNT, MODELS = 20, ("xgboost", "scorecard")


def main(count: int, models: tuple[str, ...]) -> None:
    """Train the models for the seeds 1 to ``count``."""
    found = []
    for seed in range(1, count + 1):
        scores = fit_all(PROJECT, models, seed=seed)
        found.append([scores[model][0] for model in models])
        print(seed, *(f"{model} {scores[model][0]:.4f} {scores[model][1]:.4f}" for model in models), flush=True)
    means, spread = np.mean(found, axis=0), np.std(found, axis=0, ddof=1)
    for model, mean, deviation in zip(models, means, spread, strict=True):
        print(f"{model}: mean {mean:.4f} over {count} seeds, standard deviation {deviation:.4f}")


if __name__ == "__main__":
    asked = sys.argv[1:]
    main(int(asked[0]) if asked else COUNT, tuple(asked[1:]) or MODELS)
