"""The normal form of a notebook file, which keeps diffs small: keys in a fixed order, short and
permanent cell ids, execution counts from 1 on, adjacent pieces of a stream joined, no times.
"""

import json
import re

KERNEL = {"display_name": "Java", "language": "java", "name": "java"}
LANGUAGE = {"file_extension": ".java", "mimetype": "text/x-java-source", "name": "java"}
KEPT_CELL_METADATA = ("tags",)
CELL_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,23}")


def normalise(notebook, name):
    """Converts a notebook as read by nbformat; `name` is the prefix of new cell ids."""
    cells = []
    count = 0
    taken = {cell.get("id") for cell in notebook["cells"]}
    for number, cell in enumerate(notebook["cells"], start=1):
        kept = {
            "cell_type": cell["cell_type"],
            "id": _id(cell.get("id"), name, number, taken),
            "metadata": {
                key: cell["metadata"][key] for key in KEPT_CELL_METADATA if key in cell["metadata"]
            },
            "source": _lines(cell["source"]),
        }
        if cell["cell_type"] == "code":
            executed = bool(cell.get("execution_count"))
            count += executed
            kept["execution_count"] = count if executed else None
            kept["outputs"] = [
                _output(output, count) for output in _joined(cell.get("outputs", []))
            ]
        cells.append(kept)
    return {
        "cells": cells,
        "metadata": {"kernelspec": dict(KERNEL), "language_info": dict(LANGUAGE)},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def text(normal):
    return json.dumps(normal, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _id(given, name, number, taken):
    if given and CELL_ID.fullmatch(given):
        return given
    fresh = f"{name.lower()[:16]}-{number:02}"
    while fresh in taken:
        fresh += "x"
    taken.add(fresh)
    return fresh


def _joined(outputs):
    """Joins adjacent outputs of the same stream: Java's println sends one message per line."""
    joined = []
    for output in outputs:
        if (
            output["output_type"] == "stream"
            and joined
            and joined[-1].get("name") == output["name"]
        ):
            joined[-1]["text"] = _text(joined[-1]["text"]) + _text(output["text"])
        else:
            joined.append(dict(output))
    return joined


def _output(output, count):
    kind = output["output_type"]
    if kind == "stream":
        return {"name": output["name"], "output_type": kind, "text": _lines(output["text"])}
    if kind == "error":
        return {key: output[key] for key in ("ename", "evalue", "output_type", "traceback")}
    kept = {
        "data": {mime: _data(mime, data) for mime, data in output["data"].items()},
        "metadata": output.get("metadata", {}),
        "output_type": kind,
    }
    if kind == "execute_result":
        kept["execution_count"] = count
    return kept


def _data(mime, data):
    if mime.startswith("image/") and mime != "image/svg+xml":
        return "".join(_text(data).split()) + "\n"
    return _lines(data) if isinstance(data, (str, list)) else data


def _text(value):
    return value if isinstance(value, str) else "".join(value)


def _lines(value):
    return _text(value).splitlines(keepends=True)
