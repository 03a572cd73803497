/**
 * {@code bench}: what cameras, clips and the queue cost, each against a baseline of the same run.
 */
package org.shvideo.lab.bench;
