#!/usr/bin/env python3
"""Runs a report command of the Python genai-bench, or reads what it read or wrote.

    python_tool.py excel OPTIONS...     its own command
    python_tool.py plot OPTIONS...      its own command
    python_tool.py load FOLDER          what its loader finds in a folder, as JSON
    python_tool.py sheets FILE.xlsx     what is in a workbook, as JSON: per sheet, its rows

The tool's entry point imports every cloud's SDK (1.3 GB). The report commands need one thing from all that: the
function that parses `--filter-criteria`, in a module with the rest. It is given here, and the commands are the
tool's own to the last line.
"""

import json
import sys
import types


def without_cloud_sdks():
    validation = types.ModuleType("genai_bench.cli.validation")
    validation.validate_filter_criteria = lambda _context, _option, value: json.loads(value or "{}")
    sys.modules["genai_bench.cli.validation"] = validation


def report(command):
    without_cloud_sdks()
    from genai_bench.cli import report as commands

    getattr(commands, command)(prog_name=f"genai-bench {command}")


def load(folder):
    from genai_bench.analysis.experiment_loader import load_one_experiment

    metadata, scenarios = load_one_experiment(folder)
    runs = [
        {
            "scenario": scenario,
            "num_concurrency": level,
            "aggregated_metrics": run["aggregated_metrics"].model_dump(),
            "rows": len(run["individual_request_metrics"]),
        }
        for scenario, levels in scenarios.items()
        for level, run in levels.items()
    ]
    print(json.dumps({"metadata": metadata.model_dump(), "runs": runs}))


def sheets(path):
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    print(json.dumps({it.title: [list(row) for row in it.iter_rows(values_only=True)] for it in book}))


def main():
    command = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if command in ("excel", "plot"):
        report(command)
    elif command in ("load", "sheets") and len(sys.argv) == 2:
        {"load": load, "sheets": sheets}[command](sys.argv[1])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
