#!/bin/sh
# entrypoint.sh run|score|serve|health [OPTION...]: the commands of the image. KEDRO_ENV or --env names the environment.
set -eu
cd "$(dirname "$0")/.."
serving="${TMPDIR:-/tmp}/credit_pipeline.port"

# Without a tracking server, the store and the artifacts are in the volume too, so the next container finds them.
export MLFLOW_TRACKING_URI="${MLFLOW_TRACKING_URI:-sqlite:///$PWD/data/mlflow.db}"

usage() {
  echo "usage: run   [option of kedro run...]   runs the lifecycle up to the registered champion, or a part of it" >&2
  echo "       score [option of kedro run...]   scores data/01_raw/applicants.csv" >&2
  echo "       serve [--env ENV] [--port PORT]  serves the champion over HTTP; the default port is 3000" >&2
  exit 64
}

case "${1:-run}" in
  run)
    [ $# = 0 ] || shift
    exec kedro run "$@"
    ;;
  score)
    shift
    exec kedro run --pipelines scoring "$@"
    ;;
  serve)
    shift
    port=3000 before=
    for word in "$@"; do
      [ "$before" != --port ] || port=$word
      before=$word
    done
    echo "$port" >"$serving"
    exec python -m credit_pipeline.cli.mlflow_project serve --env "${KEDRO_ENV:-local}" --host 0.0.0.0 --port 3000 "$@"
    ;;
  health)
    # A run or a scoring is healthy while it runs; a server is healthy when it answers.
    [ -e "$serving" ] || exit 0
    exec python -c 'import sys, urllib.request as web; web.urlopen(f"http://127.0.0.1:{sys.argv[1]}/ping", timeout=5)' \
      "$(cat "$serving")"
    ;;
  *)
    usage
    ;;
esac
