/** The command {@code ./sh-video}: the whole pipeline, and tools to look at its parts. */
package org.shvideo.cli;
