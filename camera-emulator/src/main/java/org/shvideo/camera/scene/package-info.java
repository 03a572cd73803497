/**
 * A drawn scene: a quiet street through which a STOP sign rolls once per loop. It needs no files or
 * fonts, is identical on every run, and reports where the sign is.
 */
package org.shvideo.camera.scene;
