"""Write the synthetic insurance table again: ``python tools/write_insurance.py``."""

from pathlib import Path

from credit_pipeline.use_cases.insurance import synthetic_charges

TABLE = Path(__file__).parents[1] / "data/01_raw/insurance.csv"


def insurance_csv() -> str:
    """Return the shipped table as text: comma, decimal point, line feed, no index."""
    return synthetic_charges().to_csv(index=False, lineterminator="\n")


if __name__ == "__main__":
    TABLE.write_text(insurance_csv(), encoding="utf-8", newline="\n")
