#!/usr/bin/env bash
# Installs paygrade into the Python on PATH: by GATE_VERSION, one pip requirement, or from the folder
# GATE_SOURCE, where the action itself was fetched to.
set -euo pipefail

refuse() {
    printf '::error title=paygrade gate::%s\n' "$1"
    exit 2
}

requirement=${GATE_VERSION:-}
case $requirement in
    '')
        source=${GATE_SOURCE:?}
        python -m pip install --disable-pip-version-check "$source/pytx" "$source"
        ;;
    -* | *[[:cntrl:]]*) refuse 'input version: one pip requirement, such as paygrade==0.1.0' ;;
    [0-9]* | v[0-9]*) refuse 'input version: write the name too, such as paygrade==0.1.0' ;;
    *) python -m pip install --disable-pip-version-check "$requirement" ;;
esac

paygrade --version
