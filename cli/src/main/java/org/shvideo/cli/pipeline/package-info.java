/** The pipeline in one process, and what the commands share. */
package org.shvideo.cli.pipeline;
