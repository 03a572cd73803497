/** The analysis of one clip: frames through the model, in parallel. */
package org.shvideo.worker.analysis;
