"""A small neural network as a scikit-learn classifier: PyTorch through skorch, on the CPU."""

from itertools import pairwise
from typing import Self, cast

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, validate_data

Matrix = NDArray[np.float64]


class NeuralNetworkClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    r"""Layers of :math:`h = \max(0, W x + b)` with dropout, then :math:`p = 1 / (1 + e^{-(w h + b)})`.

    It is fitted by Adam with weight decay on the log loss, in batches. Only fitting needs PyTorch and skorch; a fitted
    network is plain arrays (``coefs_``, ``intercepts_``) and predicts without them.

    Parameters
    ----------
    hidden
        Units of each hidden layer.
    layers
        Number of hidden layers.
    dropout
        Share of the units that are left out at random during fitting.
    learning_rate, weight_decay, epochs, batch_size
        Settings of the optimiser.
    random_state
        Seed of weights, batches and dropout. The same seed gives the same network on the same machine.

    Attributes
    ----------
    coefs_, intercepts_
        For each layer W, shape (inputs, outputs), and b, shape (outputs,).

    References
    ----------
    D. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    """

    def __init__(
        self,
        hidden: int = 32,
        layers: int = 2,
        dropout: float = 0.1,
        learning_rate: float = 0.002,
        weight_decay: float = 0.0001,
        epochs: int = 15,
        batch_size: int = 256,
        random_state: int = 0,
    ) -> None:
        self.hidden, self.layers, self.dropout = hidden, layers, dropout
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.epochs, self.batch_size, self.random_state = epochs, batch_size, random_state

    def fit(self, X: Matrix, y: NDArray[np.int_]) -> Self:
        """Fit the network, on one thread.

        Parameters
        ----------
        X
            Shape (rows, features): scaled, none missing, for example from the recipe ``one_hot``.
        y
            Shape (rows,), two classes.

        Raises
        ------
        ImportError
            PyTorch or skorch is not installed.
        ValueError
            There are not exactly two classes.
        """
        import torch  # noqa: PLC0415  # an optional extra, and seconds to import

        features, outcome = validate_data(self, X, y, dtype=np.float64)
        self.classes_, labels = np.unique(outcome, return_inverse=True)
        if len(self.classes_) != 2:  # noqa: PLR2004  # default and payer
            raise ValueError(f"two classes are needed, got {len(self.classes_)}")
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(self.random_state)
                self._learn(features.astype(np.float32), labels.astype(np.float32))
        finally:
            torch.set_num_threads(threads)
        return self

    def _learn(self, features: NDArray[np.float32], labels: NDArray[np.float32]) -> None:
        import skorch  # noqa: PLC0415  # an optional extra
        import torch  # noqa: PLC0415  # an optional extra

        widths = [features.shape[1], *[self.hidden] * self.layers]
        hidden = [
            part
            for inputs, outputs in pairwise(widths)
            for part in (torch.nn.Linear(inputs, outputs), torch.nn.ReLU(), torch.nn.Dropout(self.dropout))
        ]
        network = skorch.NeuralNetBinaryClassifier(
            torch.nn.Sequential(*hidden, torch.nn.Linear(widths[-1], 1), torch.nn.Flatten(0)),
            optimizer=torch.optim.Adam,
            optimizer__weight_decay=self.weight_decay,
            lr=self.learning_rate,
            max_epochs=self.epochs,
            batch_size=self.batch_size,
            iterator_train__shuffle=True,
            train_split=None,
            verbose=0,
        ).fit(features, labels)
        linear = [part for part in network.module_ if isinstance(part, torch.nn.Linear)]
        self.coefs_ = [part.weight.detach().numpy().T.astype(np.float64) for part in linear]
        self.intercepts_ = [part.bias.detach().numpy().astype(np.float64) for part in linear]

    def predict_proba(self, X: Matrix) -> Matrix:
        """Probabilities of both classes, shape (rows, 2)."""
        check_is_fitted(self)
        signal = validate_data(self, X, dtype=np.float64, reset=False)
        for weights, bias in zip(self.coefs_[:-1], self.intercepts_[:-1], strict=True):
            signal = np.maximum(0, signal @ weights + bias)
        odds = np.exp(-np.clip(np.ravel(signal @ self.coefs_[-1] + self.intercepts_[-1]), -500, 500))
        return cast("Matrix", np.column_stack([odds / (1 + odds), 1 / (1 + odds)]))

    def predict(self, X: Matrix) -> NDArray[np.int_]:
        """Give the more probable class, shape (rows,)."""
        return cast("NDArray[np.int_]", self.classes_[(self.predict_proba(X)[:, 1] > 0.5).astype(int)])  # noqa: PLR2004  # the more probable
