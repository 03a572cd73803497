package org.shvideo.tasks.queue;

/** How many jobs wait, are held by workers, wait for their next attempt, or were given up. */
public record QueueDepth(long waiting, long started, long retrying, long dead) {}
