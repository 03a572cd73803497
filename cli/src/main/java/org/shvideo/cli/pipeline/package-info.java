/** The pipeline with one command, and what several commands share. */
package org.shvideo.cli.pipeline;
