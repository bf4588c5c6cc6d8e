"""Everything written to and read from MLflow: runs, models, versions, aliases."""
