#!/usr/bin/env python3
"""Executes the notebooks with a real Java kernel, against a real queue, worker and clips. Prints the
error message of a cell that fails and exits with status 1. Run it with the Python of
`./sh-video notebooks`:

    notebooks/.venv/bin/python notebooks/tools/execute.py [NAME ...]
"""

import argparse
import base64
import os
import re
import signal
import sys
import time
from pathlib import Path
from textwrap import indent

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from normal_form import normalise, text
from photograph import photograph
from scenario import NOTEBOOKS, ROOT, Scenario

# In this order, because later ones use what earlier ones write to the log.
NAMES = (
    "CheckJupyter",
    "SendProcessFile",
    "IsolatedFileProcessing",
    "ViewProcessResults",
    "ViewVideo",
    "DownloadAndProcess",
    "Compare",
)
CELL_TIMEOUT_S = 300
ANSI = re.compile(r"\x1b\[[0-9;]*m")
PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"


def overrides(scenario):
    """The parameters that differ in this run, by notebook: names with values in Java."""
    return {"DownloadAndProcess": {"url": f'"{scenario.downloads}/car-detection.mp4"'}}


def prepare(name, scenario):
    """Prepares the video folder: the file that a notebook downloads must not exist."""
    if name == "DownloadAndProcess":
        (scenario.video / "car-detection.mp4").unlink(missing_ok=True)


def with_overrides(notebook, values):
    """A copy with a cell after each cell of parameters that overrides them."""
    copy = nbformat.from_dict(notebook)
    cells = []
    for cell in copy.cells:
        cells.append(cell)
        if "parameters" in cell.metadata.get("tags", []):
            own = {
                name: value
                for name, value in values.items()
                if re.search(rf"\b{name}\s*=", cell.source)
            }
            if own:
                source = "\n".join(f"{name} = {value};" for name, value in own.items())
                cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": ["injected"]}))
    copy.cells = cells
    return copy


def execute(name, scenario, kernels):
    """The notebook with the outputs of this run, without the injected cells."""
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    notebook = with_overrides(notebook, overrides(scenario).get(name, {}))
    os.environ.update(scenario.environment())
    os.environ["JUPYTER_PATH"] = str(kernels)
    client = NotebookClient(
        notebook,
        kernel_name="java",
        timeout=CELL_TIMEOUT_S,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    )
    try:
        with scenario.kernel_log.open("a") as said:
            client.execute(stdout=said, stderr=said)
    except CellExecutionError as error:
        raise RuntimeError("\n".join(failed_cell(notebook)) or str(error)) from error
    except (CellTimeoutError, DeadKernelError) as error:
        raise RuntimeError(f"{error}\n{last_words(scenario)}") from error
    notebook.cells = [
        cell for cell in notebook.cells if "injected" not in cell.metadata.get("tags", [])
    ]
    return normalise(notebook, name)


def problems(notebook, local_paths):
    """What must not be in saved outputs: paths of this machine, and truncated pictures."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            said = "".join(output.get("text", []))
            for mime, data in output.get("data", {}).items():
                if mime == "image/png":
                    if not base64.b64decode(data).endswith(PNG_END):
                        yield f"cell {cell['id']}: truncated PNG"
                elif not isinstance(data, dict):
                    said += "".join(data)
            for path in local_paths:
                if path in said:
                    yield f"cell {cell['id']}: its output contains {path}"


def failed_cell(notebook):
    """The cell that failed, if one did, and the kernel's error message."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                said = ANSI.sub("", "\n".join(output.traceback))
                yield f"cell {cell.id}:\n{indent(cell.source, '    ')}\n{said}"


def last_words(scenario):
    return "\n".join(scenario.kernel_log.read_text(errors="replace").splitlines()[-15:])


def run(names, kernels, save, screenshots, used, photographs_only):
    failed = []
    with Scenario() as scenario:
        local_paths = (
            str(scenario.video),
            str(scenario.video.parent),
            str(ROOT),
            str(Path.home()) + "/",
            scenario.downloads,
        )
        for name in () if photographs_only else names:
            started = time.monotonic()
            prepare(name, scenario)
            try:
                notebook = execute(name, scenario, kernels)
                wrong = list(problems(notebook, local_paths))
            except RuntimeError as error:
                wrong = [str(error)]
            print(
                f"{name:24} {'FAILED' if wrong else 'ok':6} {time.monotonic() - started:6.1f} s",
                flush=True,
            )
            for line in wrong:
                print(line, file=sys.stderr)
            if wrong:
                failed.append(name)
            elif save:
                (NOTEBOOKS / f"{name}.ipynb").write_text(text(notebook), encoding="utf-8")
        if screenshots:
            failed += photograph(
                scenario,
                names,
                screenshots,
                used,
                lambda name, notebook: with_overrides(notebook, overrides(scenario).get(name, {})),
            )
    return failed


def check(names):
    """The notebooks that are not in normal form."""
    wrong = []
    for name in names:
        file = NOTEBOOKS / f"{name}.ipynb"
        written = file.read_text(encoding="utf-8")
        if written != text(normalise(nbformat.reads(written, as_version=4), name)):
            print(
                f"{file.relative_to(ROOT)} is not in normal form. Convert it with --normalise.",
                file=sys.stderr,
            )
            wrong.append(name)
    return wrong


def normalise_files(names):
    for name in names:
        file = NOTEBOOKS / f"{name}.ipynb"
        notebook = nbformat.read(file, as_version=4)
        file.write_text(text(normalise(notebook, name)), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="notebooks, without .ipynb (default: all)",
    )
    parser.add_argument("--save", action="store_true", help="save the outputs in the files")
    parser.add_argument(
        "--check", action="store_true", help="only list the files that are not in normal form"
    )
    parser.add_argument(
        "--normalise", action="store_true", help="only convert the files to normal form"
    )
    parser.add_argument(
        "--screenshots", type=Path, metavar="DIR", help="also take screenshots of them in JupyterLab"
    )
    parser.add_argument(
        "--use",
        action="append",
        default=[],
        metavar="NAME",
        help="with --screenshots: also run this one cell by cell",
    )
    parser.add_argument(
        "--photographs-only", action="store_true", help="with --screenshots: do not execute them first"
    )
    parser.add_argument(
        "--kernels",
        type=Path,
        metavar="DIR",
        default=NOTEBOOKS / ".venv/share/jupyter",
        help="folder with another kernels/java (default: that of ./sh-video notebooks)",
    )
    chosen = parser.parse_args()
    # Stops the processes it started before it exits.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    names = chosen.names or [name for name in NAMES if (NOTEBOOKS / f"{name}.ipynb").exists()]
    if chosen.check:
        failed = check(names)
    elif chosen.normalise:
        failed = normalise_files(names)
    else:
        failed = run(
            names,
            chosen.kernels.resolve(),
            chosen.save,
            chosen.screenshots,
            chosen.use,
            chosen.photographs_only,
        )
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
