"""What notebooks need around them, all real: clips in a video folder, a log that reaches back some
days, a web server to download from, and `./sh-video notebooks` with its Redis, its worker and its
JupyterLab.
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

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
SHARED = Path(os.environ.get("SHVIDEO_SHARED", ROOT.parent / "shared"))
JARS = ROOT / "cli/target/cli/lib"
LOG_DAYS = 7
STARTS_WITHIN_S = 600


class Scenario:
    """Entered, it runs; `video` is its folder, `lab` JupyterLab's address, `token` opens that."""

    def __enter__(self):
        media = SHARED / "media"
        if not media.is_dir():
            raise SystemExit(f"no clips: {media} is not there; SHVIDEO_SHARED names another folder")
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
        server = getattr(self, "_server", None)
        if server:
            server.shutdown()
        shutil.rmtree(self._folder, ignore_errors=True)

    def environment(self):
        """What a kernel finds in its environment, as `./sh-video notebooks` sets it."""
        return {"VIDEO_DIR": str(self.video)}

    def _write_log(self):
        """Of the days before this run, with clips that do not exist."""
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
                # An interrupt of this program is not the server's: we end it, in our order.
                start_new_session=True,
            )
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline and self._process.poll() is None:
            url = re.search(r"(http://127\.0\.0\.1:\d+)/lab\?token=(\w+)", said.read_text())
            if url:
                self.lab, self.token = url.groups()
                return
            time.sleep(0.2)
        raise SystemExit("./sh-video notebooks does not start:\n" + said.read_text())
