#!/bin/sh
# entrypoint.sh run|score|serve|health [OPTION...]: what the image does. KEDRO_ENV, or --env, names the environment.
set -eu
cd "$(dirname "$0")/.."
serving="${TMPDIR:-/tmp}/credit_pipeline.port"

# Without a tracking server, store and artifacts lie in the volume too, where the next container finds them.
export MLFLOW_TRACKING_URI="${MLFLOW_TRACKING_URI:-sqlite:///$PWD/data/mlflow.db}"

usage() {
  echo "usage: run   [option of kedro run...]   the lifecycle up to the registered champion, or a part of it" >&2
  echo "       score [option of kedro run...]   scores of data/01_raw/applicants.csv" >&2
  echo "       serve [--env ENV] [--port PORT]  the champion over HTTP; on port 3000 unless told otherwise" >&2
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
    # A run or a scoring is well while it lasts; a server is well when it answers.
    [ -e "$serving" ] || exit 0
    exec python -c 'import sys, urllib.request as web; web.urlopen(f"http://127.0.0.1:{sys.argv[1]}/ping", timeout=5)' \
      "$(cat "$serving")"
    ;;
  *)
    usage
    ;;
esac
