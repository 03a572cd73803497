/** Motion: which packets to decode, what changed between frames, and when that is motion. */
package org.shvideo.capture.motion;
