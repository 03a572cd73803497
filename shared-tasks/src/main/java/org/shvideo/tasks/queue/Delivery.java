package org.shvideo.tasks.queue;

import org.shvideo.tasks.job.Job;

/**
 * One attempt at a job, held under a lease until it is settled (finished, retried or failed) or the
 * lease runs out.
 *
 * @param entry id of the stream entry
 * @param consumer who took it
 * @param attempt from 1
 */
public record Delivery(String entry, String consumer, Job job, int attempt) {}
