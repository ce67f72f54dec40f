#!/bin/sh
# Creates the namespace and its search attributes. Can be run again. TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE say where.
set -eu

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention 720h
else
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 720h
fi

# The frontend knows a new namespace only after some seconds.
attempts=0
until temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
  --name PayState --type Keyword --name StuckReason --type Keyword --name Mchid --type Keyword; do
  attempts=$((attempts + 1))
  [ "$attempts" -lt 20 ] || exit 1
  sleep 3
done
