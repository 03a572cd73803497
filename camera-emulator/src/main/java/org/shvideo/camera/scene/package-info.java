/**
 * A drawn scene: a quiet street through which, once a loop, a STOP sign rolls. It needs no file, no
 * font and no camera, is the same picture for picture on every run, and says itself where the sign
 * is.
 */
package org.shvideo.camera.scene;
