"""Pure statistics: arrays and frames in, values out. No Kedro, no MLflow, no files, no clock."""
