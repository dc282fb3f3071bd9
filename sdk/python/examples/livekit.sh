#!/bin/sh
# LiveKit Agents export OpenTelemetry by themselves once a tracer provider is set, so these variables do:
# the agent needs no line of ours. `opentelemetry-instrument` sets the provider from them.
#
#   pip install opentelemetry-distro opentelemetry-exporter-otlp-proto-http
#   sh examples/livekit.sh agent.py start
: "${CALLSCOPE_URL:=http://127.0.0.1:4318}"
: "${CALLSCOPE_API_KEY:?a key of the project that has the agent}"
export OTEL_EXPORTER_OTLP_ENDPOINT="$CALLSCOPE_URL"
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_HEADERS="x-cekura-api-key=$CALLSCOPE_API_KEY,x-cekura-agent-id=${CALLSCOPE_AGENT_ID:-1}"
# Callscope makes its metrics of the spans.
export OTEL_METRICS_EXPORTER=none
exec opentelemetry-instrument python "$@"
