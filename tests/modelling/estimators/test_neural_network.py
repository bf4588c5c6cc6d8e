from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from credit_pipeline.datasets.trusted_types import dump_trusted, load_trusted
from credit_pipeline.modelling.estimators.neural_network import NeuralNetworkClassifier

GENERATOR = np.random.default_rng(3)
FEATURES = GENERATOR.normal(size=(600, 3))
# Who stands in one of two opposite quarters defaults more often: no linear model sees it.
OUTCOME = (GENERATOR.random(600) < np.where(FEATURES[:, 0] * FEATURES[:, 1] > 0, 0.8, 0.1)).astype(int)


def by_hand() -> NeuralNetworkClassifier:
    network = NeuralNetworkClassifier()
    network.coefs_ = [np.array([[1.0, -1.0]]), np.array([[2.0], [1.0]])]
    network.intercepts_ = [np.array([0.0, 1.0]), np.array([-2.0])]
    network.classes_, network.n_features_in_ = np.array([0, 1]), 1
    return network


def test_an_answer_follows_from_weights_alone() -> None:
    # x = 3: hidden max(0, 3) = 3 and max(0, 1 - 3) = 0; 2 * 3 + 0 - 2 = 4; 1 / (1 + e^-4) = 0.98201.
    # x = -1: hidden 0 and 2; 0 + 2 - 2 = 0; 1/2.
    found = by_hand().predict_proba(np.array([[3.0], [-1.0]]))
    assert found == pytest.approx(np.array([[0.01799, 0.98201], [0.5, 0.5]]), abs=1e-5)
    assert by_hand().predict(np.array([[3.0], [-1.0]])).tolist() == [1, 0]


def test_an_extreme_applicant_is_no_fault() -> None:
    found = by_hand().predict_proba(np.array([[1e9], [-1e9]]))
    assert np.isfinite(found).all()
    assert found.sum(axis=1) == pytest.approx(np.ones(2))


def test_a_network_is_stored_without_pickle(tmp_path: Path) -> None:
    dump_trusted(by_hand(), tmp_path / "network.skops")
    read = load_trusted(tmp_path / "network.skops")
    rows = np.linspace(-2, 2, 9)[:, None]
    assert (read.predict_proba(rows) == by_hand().predict_proba(rows)).all()


@pytest.mark.slow
def test_a_network_learns_what_a_line_does_not_and_the_same_each_time() -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch skorch")
    pytest.importorskip("skorch", reason="skorch is not installed: pip install torch skorch")
    first, second = (
        NeuralNetworkClassifier(epochs=30, learning_rate=0.01, random_state=4).fit(FEATURES, OUTCOME) for _ in range(2)
    )
    assert (first.predict_proba(FEATURES) == second.predict_proba(FEATURES)).all()
    assert roc_auc_score(OUTCOME, first.predict_proba(FEATURES)[:, 1]) > 0.8
