/**
 * The capture service: its settings, one loop per camera that turns packets into clips, and the
 * service that runs the loops.
 */
package org.shvideo.capture;
