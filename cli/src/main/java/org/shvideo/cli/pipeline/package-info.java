/** The pipeline in one process, and what several commands share. */
package org.shvideo.cli.pipeline;
