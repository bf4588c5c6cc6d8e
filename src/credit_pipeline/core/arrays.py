"""Types of arrays: outcomes, probabilities of default, values."""

import numpy as np
from numpy.typing import NDArray

Outcome = NDArray[np.int_ | np.float64]

Probability = NDArray[np.float64]

Values = NDArray[np.float64]
