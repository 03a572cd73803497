/** Motion detection: which packets to decode, what changed in a frame, and when that is motion. */
package org.shvideo.capture.motion;
