"""The environment of the notebooks: clips in a video folder, a log of the past days, a web server to
download from, and `./sh-video notebooks` with its Redis, worker and JupyterLab.
"""

import functools
import http.server
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import watchdog

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
SHARED = Path(os.environ.get("SHVIDEO_SHARED", ROOT.parent / "shared"))
JARS = ROOT / "cli/target/cli/lib"
LOG_DAYS = 7
START_TIMEOUT_S = 600


class Scenario:
    """A context manager; `video` is the folder, `lab` and `token` are JupyterLab's address and token."""

    def __enter__(self):
        media = SHARED / "media"
        if not media.is_dir():
            raise SystemExit(f"no clips: {media} does not exist. Set SHVIDEO_SHARED to another folder.")
        self._folder = Path(tempfile.mkdtemp(prefix="sh-video-scenario-"))
        try:
            self.kernel_log = self._folder / "kernels.log"
            self.kernel_log.touch()
            self.video = self._folder / "video"
            self.video.mkdir()
            for clip in sorted(media.glob("*.mp4")):
                shutil.copyfile(clip, self.video / clip.name)
            self._write_log()
            self.downloads = self._serve(media)
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        process = getattr(self, "_process", None)
        if process and process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        if process:
            self._watchdog.kill()
        server = getattr(self, "_server", None)
        if server:
            server.shutdown()
        shutil.rmtree(self._folder, ignore_errors=True)

    def environment(self):
        """The environment variables that `./sh-video notebooks` sets for kernels."""
        return {"VIDEO_DIR": str(self.video)}

    def _write_log(self):
        """A made-up log of the past days, with clips that do not exist."""
        java = Path(os.environ["JAVA_HOME"], "bin/java") if "JAVA_HOME" in os.environ else "java"
        subprocess.run(
            [
                str(java),
                "-cp",
                f"{JARS}/*",
                "org.shvideo.notebook.results.SampleLog",
                str(self.video),
                str(LOG_DAYS),
            ],
            check=True,
        )

    def _serve(self, folder):
        class Quiet(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
        )
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def _start(self):
        said = self._folder / "notebooks.log"
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("RDS_")
        }
        with said.open("w") as out:
            self._process = subprocess.Popen(
                [
                    str(ROOT / "sh-video"),
                    "notebooks",
                    "--no-browser",
                    "--port=0",
                    f"--video-dir={self.video}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment,
                # Ctrl-C must not reach the server: __exit__ stops it.
                start_new_session=True,
            )
        self._watchdog = watchdog.over(self._process)
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self._process.poll() is None:
            url = re.search(r"(http://127\.0\.0\.1:\d+)/lab\?token=(\w+)", said.read_text())
            if url:
                self.lab, self.token = url.groups()
                return
            time.sleep(0.2)
        raise SystemExit("./sh-video notebooks did not start:\n" + said.read_text())
