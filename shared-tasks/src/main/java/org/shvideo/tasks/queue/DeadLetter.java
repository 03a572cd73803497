package org.shvideo.tasks.queue;

import java.time.Instant;
import org.shvideo.tasks.job.Job;

/** A job that was given up, with the reason. */
public record DeadLetter(Job job, int attempt, String error, Instant at) {}
