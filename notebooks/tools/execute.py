#!/usr/bin/env python3
"""Executes the notebooks with a real Java kernel, against a real queue, worker and clips; ends with
1 and the cell's message where one fails. Run it with the Python of `./sh-video notebooks`:

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

# In the order in which one builds on what another left in the log.
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
    """By notebook: the variables of its parameters that differ here, as Java."""
    return {"DownloadAndProcess": {"url": f'"{scenario.downloads}/car-detection.mp4"'}}


def prepare(name, scenario):
    """What a notebook expects of the folder: the one that downloads, that its file is not there."""
    if name == "DownloadAndProcess":
        (scenario.video / "car-detection.mp4").unlink(missing_ok=True)


def with_overrides(notebook, values):
    """A copy with a cell after each cell of parameters that sets what that one declares anew."""
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
    """The notebook with the outputs of this run; the injected cells are left out again."""
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


def faults(notebook, places):
    """What must not stand in saved outputs: `places` of this machine, and pictures cut short."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            said = "".join(output.get("text", []))
            for mime, data in output.get("data", {}).items():
                if mime == "image/png":
                    if not base64.b64decode(data).endswith(PNG_END):
                        yield f"cell {cell['id']}: a PNG that is cut short"
                elif not isinstance(data, dict):
                    said += "".join(data)
            for place in places:
                if place in said:
                    yield f"cell {cell['id']}: its output names {place}"


def failed_cell(notebook):
    """The cell that failed and what stands under it, where one did: the kernel's own words."""
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
        places = (
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
                wrong = list(faults(notebook, places))
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
                f"{file.relative_to(ROOT)} is not in normal form: write it with --normalise",
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
        help="notebooks, without .ipynb; all where none is given",
    )
    parser.add_argument("--save", action="store_true", help="write the outputs into the files")
    parser.add_argument(
        "--check", action="store_true", help="only say which files are not in normal form"
    )
    parser.add_argument(
        "--normalise", action="store_true", help="only bring the files into normal form"
    )
    parser.add_argument(
        "--screenshots", type=Path, metavar="DIR", help="photograph them in JupyterLab too"
    )
    parser.add_argument(
        "--use",
        action="append",
        default=[],
        metavar="NAME",
        help="with --screenshots: run this one cell by cell too",
    )
    parser.add_argument(
        "--photographs-only", action="store_true", help="with --screenshots: execute nothing before"
    )
    parser.add_argument(
        "--kernels",
        type=Path,
        metavar="DIR",
        default=NOTEBOOKS / ".venv/share/jupyter",
        help="the folder whose kernels/java is used instead of the one of ./sh-video notebooks",
    )
    chosen = parser.parse_args()
    # Told to end, it first ends what it started.
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
