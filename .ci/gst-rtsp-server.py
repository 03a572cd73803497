#!/usr/bin/python3
"""GStreamer's RTSP server as a camera that is not ours, for tests.

Serves the H.264 of an MP4 file in a loop, or, without a file, a moving ball;
with --user, only to that user (Basic). Prints the URL, without the password,
once it listens, and serves until it is killed.

Debian: python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base
gstreamer1.0-plugins-good (MP4, RTP) gstreamer1.0-plugins-bad (H.264)
"""

import argparse

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstApp, GstRtspServer  # noqa: E402

PAYLOADER = "rtph264pay name=pay0 pt=96 config-interval=-1"
# The ball has a radius of 20 pixels: in a larger picture it is too small to count as motion.
BALL = (
    "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=25/1"
    f" ! openh264enc gop-size=50 ! h264parse ! {PAYLOADER}"
)


def read_units(path):
    """All access units of the file, with their caps."""
    pipeline = Gst.parse_launch(
        "filesrc name=file ! qtdemux ! h264parse"
        " ! video/x-h264,stream-format=byte-stream,alignment=au ! appsink name=units sync=false"
    )
    pipeline.get_by_name("file").set_property("location", path)
    pipeline.set_state(Gst.State.PLAYING)
    sink = pipeline.get_by_name("units")
    units, caps = [], None
    while sample := sink.pull_sample():
        units.append(sample.get_buffer())
        caps = sample.get_caps()
    pipeline.set_state(Gst.State.NULL)
    if not units:
        raise SystemExit(f"{path}: no H.264 found")
    return units, caps


class Loop(GstRtspServer.RTSPMediaFactory):
    """Hands every client the file's units again and again, with growing time stamps."""

    def __init__(self, path):
        super().__init__()
        self.units, self.caps = read_units(path)
        self.length = sum(unit.duration for unit in self.units)
        self.set_launch(f"appsrc name=source is-live=true format=time ! {PAYLOADER}")

    def feed(self, media):
        source = media.get_element().get_by_name("source")
        source.set_property("caps", self.caps)
        position = 0

        def push(source, _wanted):
            nonlocal position
            loop, index = divmod(position, len(self.units))
            position += 1
            unit = self.units[index].copy()
            unit.pts += loop * self.length
            unit.dts += loop * self.length
            source.emit("push-buffer", unit)

        source.connect("need-data", push)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0, help="0: any that is free")
    options.add_argument("--user")
    options.add_argument("--password", default="")
    options.add_argument("--file", help="MP4 with H.264")
    given = options.parse_args()

    Gst.init(None)
    if given.file:
        factory = Loop(given.file)
        factory.connect("media-configure", lambda f, media: f.feed(media))
    else:
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(BALL)

    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(given.port))
    if given.user:
        access = GstRtspServer.RTSPPermissions()
        access.add_permission_for_role("viewer", "media.factory.access", True)
        access.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(access)
        viewer = GstRtspServer.RTSPToken()
        viewer.set_string("media.factory.role", "viewer")
        auth = GstRtspServer.RTSPAuth()
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(given.user, given.password), viewer)
        server.set_auth(auth)
    server.get_mount_points().add_factory("/live", factory)
    if not server.attach(None):
        raise SystemExit(f"cannot listen at port {given.port}")
    print(f"rtsp://127.0.0.1:{server.get_bound_port()}/live", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
