/**
 * What the cells of the notebooks call, so that they stay short: the detection log as tables and
 * charts, clips as frames with boxes, jobs sent and followed. Works the same on the Java kernels
 * IJava and JJava, and without one.
 */
package org.shvideo.notebook;
