#!/usr/bin/env python3
"""Rewrites src/calls/price_tables/llm_prices.json from the PyPI package genai-prices (MIT).

    python3 -m venv /tmp/prices && /tmp/prices/bin/pip install genai-prices
    /tmp/prices/bin/python tools/update_prices.py

docs/calls.md describes the format. What we cannot measure on a span (images, documents, searches,
cache lifetimes) is left out, and so are models of which nothing else is priced.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

from genai_prices.data import providers

TARGET = Path(__file__).resolve().parent.parent / "src/calls/price_tables/llm_prices.json"

# The units that a span's facts can be priced by, as genai-prices spells them.
UNITS = [
    "input_mtok",
    "output_mtok",
    "cache_read_mtok",
    "cache_write_mtok",
    "input_audio_mtok",
    "output_audio_mtok",
    "cache_audio_read_mtok",
    "output_reasoning_mtok",
    "audio_hours",
    "input_audio_hours",
    "output_audio_hours",
    "input_mchars",
    "requests_kcount",
]

# OpenTelemetry's names of providers, where genai-prices would not find or would misread them.
ALIASES = {
    "azure": ["azure.ai.openai", "azure.ai.inference", "az.ai.openai", "az.ai.inference"],
    "aws": ["aws.bedrock"],
    "google": ["gcp.gemini", "gcp.vertex_ai", "gcp.gen_ai"],
    "x-ai": ["x_ai", "xai", "grok"],
    "mistral": ["mistral_ai"],
    "together": ["together_ai", "togetherai"],
    "moonshotai": ["moonshot_ai"],
    "cohere": ["cohere"],
}

CLAUSES = {
    "ClauseEquals": ("equals", "equals"),
    "ClauseStartsWith": ("starts_with", "starts_with"),
    "ClauseEndsWith": ("ends_with", "ends_with"),
    "ClauseContains": ("contains", "contains"),
    "ClauseRegex": ("regex", "regex"),
}


def clause(match):
    kind = type(match).__name__
    if kind == "ClauseOr":
        return {"or": [clause(part) for part in match.or_]}
    if kind == "ClauseAnd":
        return {"and": [clause(part) for part in match.and_]}
    member, name = CLAUSES[kind]
    return {name: getattr(match, member)}


def number(value):
    value = float(value)
    return int(value) if value == int(value) else value


def price(value):
    if type(value).__name__ == "TieredPrices":
        return {"base": number(value.base), "tiers": [[t.start, number(t.price)] for t in value.tiers]}
    return number(value)


def rates(prices):
    values = prices.__dict__
    return {unit: price(values[unit]) for unit in UNITS if values.get(unit) is not None}


def price_list(model):
    """Conditional prices in the order of the package: the last that applies is meant."""
    if not isinstance(model.prices, list):
        entries = [{"rates": rates(model.prices)}]
    else:
        entries = []
        for conditional in model.prices:
            entry = {}
            constraint = conditional.constraint
            if type(constraint).__name__ == "StartDateConstraint":
                entry["from"] = constraint.start_date.isoformat()
            elif type(constraint).__name__ == "TimeOfDateConstraint":
                entry["hours"] = [constraint.start_time.isoformat()[:5], constraint.end_time.isoformat()[:5]]
            entry["rates"] = rates(conditional.prices)
            entries.append(entry)
    return entries if any(entry["rates"] for entry in entries) else []


def main():
    out = []
    count = 0
    for provider in providers:
        head = {"id": provider.id}
        if provider.id in ALIASES:
            head["aliases"] = ALIASES[provider.id]
        if provider.provider_match:
            head["match"] = clause(provider.provider_match)
        if provider.model_match:
            head["model_match"] = clause(provider.model_match)
        if provider.fallback_model_providers:
            head["fallback"] = provider.fallback_model_providers
        models = []
        for model in provider.models:
            prices = price_list(model)
            if prices:
                models.append({"id": model.id, "match": clause(model.match), "prices": prices})
        count += len(models)
        lines = ",\n".join(json.dumps(model, separators=(",", ":")) for model in models)
        out.append(json.dumps(head, separators=(",", ":"))[:-1] + ',"models":[\n' + lines + "\n]}")

    about = {
        "source": f"genai-prices {version('genai-prices')}, https://github.com/pydantic/genai-prices",
        "licence": "MIT, Copyright (c) Pydantic Services Inc. 2025 to present",
        "generated_by": "tools/update_prices.py",
    }
    TARGET.write_text('{"about":' + json.dumps(about) + ',\n"providers":[\n' + ",\n".join(out) + "\n]}\n")
    print(f"{TARGET}: {len(out)} providers, {count} models, {TARGET.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
