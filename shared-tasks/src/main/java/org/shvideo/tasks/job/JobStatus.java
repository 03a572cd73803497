package org.shvideo.tasks.job;

import java.time.Instant;

/**
 * What is known of a job now. Kept while it waits and runs, and for {@code RESULT_TTL} after its
 * end.
 *
 * @param attempt the delivery's number, from 1; 0 before the first
 * @param progress share of the clip that has been analysed, 0 to 1
 * @param worker who holds or held it; null before the first delivery
 * @param enqueued by the clock of Redis, as all times here
 * @param started of the latest attempt; null before the first
 * @param ended null until it finished or failed
 * @param result the log's line as JSON; null until it finished or failed
 * @param error why the latest attempt failed; null when none did
 */
public record JobStatus(
    Job job,
    JobState state,
    int attempt,
    double progress,
    String worker,
    Instant enqueued,
    Instant started,
    Instant ended,
    String result,
    String error) {}
