/**
 * The command {@code ./sh-video}: the whole pipeline in one process, and tools to look at its
 * parts.
 */
package org.shvideo.cli;
