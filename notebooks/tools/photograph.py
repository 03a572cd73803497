"""Takes screenshots of whole notebooks in JupyterLab, and runs them as a user would: a click into the
first cell, then Shift-Enter to the end. Works on copies, so that the files do not change.
"""

import json
import shutil
import sys
import time
import urllib.request

import nbformat
from browser import Browser
from scenario import NOTEBOOKS

WIDTH = 1200
FIRST_HEIGHT = 4000
MARGIN = 24
# Chromium does not paint beyond this height.
MAX_HEIGHT = 16000
CELL_TIMEOUT_S = 300

PICTURES = """[...document.querySelectorAll('.jp-OutputArea img')]
  .every(picture => picture.complete && picture.naturalWidth > 0)"""
PAINTED = """(() => {
  const cells = [...document.querySelectorAll('.jp-Notebook .jp-Cell')];
  return cells.length === %d
    && cells.every(cell => cell.getBoundingClientRect().height > 0)
    && document.querySelectorAll('.jp-CodeCell .jp-OutputArea-output').length >= %d
    && [...document.querySelectorAll('.jp-MarkdownCell .jp-RenderedMarkdown')]
      .filter(text => text.textContent.trim()).length === %d;
})()"""
# JupyterLab shows the state of a Java kernel as unknown until the first cell was run.
CONNECTED = """[...document.querySelectorAll('.jp-Toolbar-kernelName')]
    .some(name => name.textContent === 'Java')
  && ['idle', 'unknown'].includes(
    document.querySelector('.jp-Notebook-ExecutionIndicator').dataset.status)"""
BOTTOM = """(() => {
  const cells = [...document.querySelectorAll('.jp-Notebook .jp-Cell')];
  let pane = cells[0].parentElement;
  for (; pane.parentElement; pane = pane.parentElement) pane.scrollTop = 0;
  return Math.ceil(cells.pop().getBoundingClientRect().bottom);
})()"""
EDITOR = """(() => {
  const box = document.querySelector('.jp-Notebook .jp-Cell').getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
})()"""
PROMPTS = """[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
  .map(prompt => prompt.textContent)"""
ERROR = "application/vnd.jupyter.error"
FAILED = f"""[...document.querySelectorAll('.jp-OutputArea-output[data-mime-type="{ERROR}"]')]
  .map(output => output.textContent)"""


def photograph(scenario, names, folder, used, before):
    """Takes screenshots of the saved files, and of those `used` after running each of their cells;
    `before` may change the copy that is run. Returns the names of those that failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    copies = NOTEBOOKS / "target/photographed"
    shutil.rmtree(copies, ignore_errors=True)
    copies.mkdir(parents=True)
    failed = []
    with Browser() as browser:
        for name in names:
            notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
            for use in (False, True) if name in used else (False,):
                started = time.monotonic()
                shown = f"{name}-used" if use else name
                if use:
                    notebook = before(name, notebook)
                    for cell in notebook.cells:
                        if cell.cell_type == "code":
                            cell.outputs, cell.execution_count = [], None
                nbformat.write(notebook, copies / f"{shown}.ipynb")
                try:
                    with browser.page() as page:
                        _open(page, scenario, notebook, shown)
                        if use:
                            _use(page, notebook)
                        height = _grow(page, notebook)
                        page.photograph(folder / f"{shown}.png", WIDTH, height)
                        outside = [url for url in page.requests if not _inside(url, scenario)]
                        if outside:
                            raise RuntimeError(f"the page contacted another server: {outside[:3]}")
                    problem = None
                except (TimeoutError, RuntimeError) as error:
                    problem = str(error)
                    failed.append(shown)
                finally:
                    _end_kernels(scenario)
                result = "FAILED" if problem else "ok"
                took = time.monotonic() - started
                print(f"{shown + '.png':32} {result:6} {took:6.1f} s", flush=True)
                if problem:
                    print(problem, file=sys.stderr)
    return failed


def _open(page, scenario, notebook, shown):
    url = f"{scenario.lab}/doc/tree/target/photographed/{shown}.ipynb?token={scenario.token}"
    page.open(url, WIDTH, FIRST_HEIGHT)
    page.wait(_painted(notebook), f"{shown}: not all cells were painted")
    page.wait(CONNECTED, f"{shown}: the kernel did not start")


def _painted(notebook):
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    outputs = sum(len(cell.outputs) for cell in code)
    return PAINTED % (len(notebook.cells), outputs, len(notebook.cells) - len(code))


def _use(page, notebook):
    page.click(*page.ask(EDITOR))
    ran = 0
    for cell in notebook.cells:
        page.shift_enter()
        if cell.cell_type == "code":
            page.wait(
                f"/\\[\\d+\\]/.test(({PROMPTS})[{ran}])",
                f"cell {cell.id} did not finish",
                CELL_TIMEOUT_S,
            )
            said = page.ask(FAILED)
            if said:
                raise RuntimeError(f"cell {cell.id}: {said[0][:2000]}")
            ran += 1


def _grow(page, notebook):
    """Makes the window as high as the notebook, because only what is visible is painted."""
    height = 0
    for _ in range(5):
        bottom = min(page.ask(BOTTOM) + MARGIN, MAX_HEIGHT)
        if bottom == height:
            break
        height = bottom
        page.resize(WIDTH, height + 400)
        page.ask("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        page.wait(PICTURES, "a picture was not painted")
    return height


def _inside(url, scenario):
    return url.startswith(
        (scenario.lab, scenario.lab.replace("http", "ws", 1), "data:", "blob:", "about:")
    )


def _end_kernels(scenario):
    for session in _api(scenario, "GET", "/api/sessions"):
        _api(scenario, "DELETE", "/api/sessions/" + session["id"])


def _api(scenario, method, path):
    request = urllib.request.Request(
        scenario.lab + path, method=method, headers={"Authorization": f"token {scenario.token}"}
    )
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None
