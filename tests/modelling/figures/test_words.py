"""Numbers of any size, written for a figure."""

import pytest
from matplotlib.figure import Figure

from credit_pipeline.modelling.figures.words import format_amounts, writer


@pytest.mark.parametrize(
    ("values", "value", "written"),
    [
        ([0.02, 0.0004], 0.0004, "0.0004"),
        ([12.3, 4], 4, "4.0"),
        ([1_234_567.0], 1_234_567.0, "1,234,567"),
        ([-0.5, 0.1], -0.5, "\u22120.500"),
        ([0.0, float("nan")], 0.0, "0"),
        ([], 2.0, "2"),
        ([1e-12], 1e-12, "0.000000"),
    ],
)
def test_the_largest_number_has_three_digits_and_the_others_as_many_decimals(
    values: list[float], value: float, written: str
) -> None:
    assert writer(values)(value) == written


def test_amounts_on_an_axis_have_commas_and_a_true_minus() -> None:
    axes = Figure().subplots()
    format_amounts(axes.xaxis)
    assert [axes.xaxis.get_major_formatter()(value, 0) for value in (-1000.0, 0.5)] == ["\u22121,000", "0.5"]
