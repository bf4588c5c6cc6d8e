# docker build -t credit_pipeline .                      the pipeline: run, score, serve
# docker build -t credit_tracking --target tracking .    an MLflow server that can use PostgreSQL

ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
WORKDIR /app
RUN python -m venv /app/.venv
# The lock is complete and hashed. With --no-deps, pip does not add the package that the lock leaves out on purpose.
COPY requirements.lock ./
RUN /app/.venv/bin/pip install --quiet --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /app/.venv/bin/pip install --quiet --no-cache-dir --no-deps --no-build-isolation -e .

FROM python:${PYTHON} AS base
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    GIT_PYTHON_REFRESH=quiet \
    DO_NOT_TRACK=true
RUN useradd --uid 10001 --create-home pipeline && install -d -o pipeline -g pipeline /app /app/data /app/artifacts
WORKDIR /app
COPY --from=build /app/.venv .venv

FROM base AS tracking
COPY docker/requirements-tracking.lock ./
RUN pip install --quiet --no-cache-dir --no-deps --require-hashes -r requirements-tracking.lock
ENV MLFLOW_ARTIFACTS_DESTINATION=/app/artifacts \
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
USER pipeline
EXPOSE 5000
VOLUME /app/artifacts
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:5000/health', timeout=5)"]
# MLFLOW_BACKEND_STORE_URI names the database, so its password does not appear in a command line.
CMD ["mlflow", "server", "--host", "0.0.0.0", "--port", "5000", "--workers", "1"]

FROM base AS pipeline
COPY pyproject.toml README.md LICENSE requirements.lock .telemetry ./
COPY src src
COPY conf conf
COPY docker/entrypoint.sh docker/entrypoint.sh
COPY tests/data tests/data
COPY --chown=pipeline:pipeline data data
USER pipeline
EXPOSE 3000
VOLUME /app/data
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 CMD ["/app/docker/entrypoint.sh", "health"]
ENTRYPOINT ["/app/docker/entrypoint.sh"]
CMD ["run"]
