/**
 * A clip's frames: reading them with FFmpeg through JavaCV's presets, and choosing which of them
 * are worth a look.
 */
package org.shvideo.worker.clip;
