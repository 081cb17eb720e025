#!/usr/bin/env bash
# Tries the OpenAPI document of a running server against that server, with a fixed seed.
#
#   tests/schemathesis/run.sh BASE_URL [OPTION …]
#
# Every OPTION goes to `schemathesis run`, for example
#   -H "X-Admin-Secret: …"                                     credentials
#   --include-path /api/v1/ai/customer_rfm                     one route
#   --include-operation-id customer_rfm                        the same by its name
#   --max-time 600                                             repeat the random part until the time is spent
# SCHEMATHESIS names the program (default: schemathesis on the path; see requirements.txt).
# SCHEMATHESIS_SECONDS_MAX ends a run that takes longer (default 240) and makes it a failure.
# Exit code: 0 nothing found, 1 findings, 124 out of time, anything else: it could not run.
set -euo pipefail

if [[ $# -lt 1 || $1 != http* ]]; then
    echo "usage: ${0##*/} BASE_URL [OPTION …]" >&2
    exit 2
fi
base_url=${1%/}
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# A proxy of the environment has no business between this and a server on the same machine.
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
# Hash order must not decide what is generated.
export PYTHONHASHSEED=0

# Some versions leave a cache directory where they run.
workspace=$(mktemp -d)
trap 'rm -rf "$workspace"' EXIT
cd "$workspace"

timeout "${SCHEMATHESIS_SECONDS_MAX:-240}" \
    "${SCHEMATHESIS:-schemathesis}" --config-file "$here/schemathesis.toml" \
    run "$base_url/openapi.json" --url "$base_url" --wait-for-schema 10 "$@"
