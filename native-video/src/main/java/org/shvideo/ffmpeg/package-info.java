/** The one place that opens, reads, decodes, scales, writes and frees what FFmpeg holds. */
package org.shvideo.ffmpeg;
