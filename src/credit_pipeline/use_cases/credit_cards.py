"""Row-wise features of card accounts: what a credit analyst would compute from one application."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from credit_pipeline.core import Values

_STATUS = ["PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"]

_BILL = [f"BILL_AMT{month}" for month in range(1, 7)]

_PAID = [f"PAY_AMT{month}" for month in range(1, 7)]

# Months before now, centred, latest first: a positive slope is a growing share of the limit.
_TREND = np.array([2.5, 1.5, 0.5, -0.5, -1.5, -2.5])


def credit_card_features(applications: Mapping[str, ArrayLike]) -> dict[str, Values]:
    r"""Compute features of card accounts from six months of statements.

    With L the limit, :math:`B_m`, :math:`P_m`, :math:`S_m` bill, payment and repayment status of month m (1 = latest, a
    status of 1 or more is that many months of delay):

    * ``utilisation_latest``, ``_mean``, ``_maximum``: :math:`B_1 / L`, mean and maximum of :math:`B_m / L`.
    * ``utilisation_trend``: least-squares slope of :math:`B_m / L` per month; positive = growing debt.
    * ``share_of_bill_paid_latest``, ``_mean``: :math:`\min(P_m / B_{m+1}, 1)`: the share of the previous bill
      that was paid; missing if no bill was above 0.
    * ``months_in_arrears``: number of months with :math:`S_m \ge 1`.
    * ``latest_delay``, ``worst_delay``: :math:`\max(S_1, 0)` and :math:`\max_m \max(S_m, 0)`, in months.
    * ``recent_worsening``: :math:`\max(S_1, 0) - \max(S_2, 0)`, in months.
    * ``months_since_arrears``: months since the latest month in arrears, 6 if there was none.
    * ``paid_over_limit``, ``largest_payment_over_limit``: :math:`\sum_m P_m / L`, :math:`\max_m P_m / L`.
    * ``months_without_payment``: number of months with :math:`P_m = 0`.
    * ``months_without_consumption``: number of months with status -2.
    * ``headroom``: :math:`L - B_1`, in the currency of the table.

    Parameters
    ----------
    applications
        Raw columns ``LIMIT_BAL``, ``PAY_*``, ``BILL_AMT*``, ``PAY_AMT*`` by name, each of shape (rows,): arrays, or a
        DataFrame.

    Returns
    -------
    dict
        Only the new columns, by name, each of shape (rows,), 64-bit floats. No row depends on another row.

    References
    ----------
    N. Siddiqi, *Intelligent Credit Scoring*, 2nd ed., Wiley 2017, chapter 6 (characteristics of revolving credit).
    """
    limit = np.asarray(applications["LIMIT_BAL"], dtype=np.float64)
    status, bill, paid = (_side_by_side(applications, names) for names in (_STATUS, _BILL, _PAID))
    return {**_utilisation(bill, limit), **_payments(bill, paid, limit), **_arrears(status)}


def _side_by_side(applications: Mapping[str, ArrayLike], names: Sequence[str]) -> Values:
    """Return some columns as an array of shape (rows, columns)."""
    return np.column_stack([np.asarray(applications[name], dtype=np.float64) for name in names])


def _utilisation(bill: Values, limit: Values) -> dict[str, Values]:
    share = bill / limit[:, None]
    return {
        "utilisation_latest": share[:, 0],
        "utilisation_mean": share.mean(axis=1),
        "utilisation_maximum": share.max(axis=1),
        # Summed in a fixed order: the rounding of a matrix product depends on the number of rows.
        "utilisation_trend": (share * _TREND).sum(axis=1) / float((_TREND**2).sum()),
        "headroom": limit - bill[:, 0],
    }


def _payments(bill: Values, paid: Values, limit: Values) -> dict[str, Values]:
    due, settled = bill[:, 1:], paid[:, :-1]
    share = np.where(due > 0, 1.0, np.nan)
    # Divide only payments below the bill: a payment divided by a tiny bill would overflow.
    np.divide(settled, due, out=share, where=(due > 0) & (settled < due))
    billed = np.isfinite(share).sum(axis=1)
    mean = np.where(billed > 0, np.nansum(share, axis=1) / np.maximum(billed, 1), np.nan)
    return {
        "share_of_bill_paid_latest": share[:, 0],
        "share_of_bill_paid_mean": mean,
        "paid_over_limit": paid.sum(axis=1) / limit,
        "largest_payment_over_limit": paid.max(axis=1) / limit,
        "months_without_payment": (paid <= 0).sum(axis=1).astype(np.float64),
    }


def _arrears(status: Values) -> dict[str, Values]:
    late, delay = status >= 1, np.clip(status, 0.0, None)
    return {
        "months_in_arrears": late.sum(axis=1).astype(np.float64),
        "latest_delay": delay[:, 0],
        "worst_delay": delay.max(axis=1),
        "recent_worsening": delay[:, 0] - delay[:, 1],
        "months_since_arrears": np.where(late.any(axis=1), late.argmax(axis=1), status.shape[1]).astype(np.float64),
        "months_without_consumption": (status == -2).sum(axis=1).astype(np.float64),  # noqa: PLR2004  # code of the table
    }
