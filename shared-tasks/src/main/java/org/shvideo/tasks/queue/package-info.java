/**
 * The queue between capture and workers: a Redis stream with a consumer group. Delivery is at least
 * once; a worker holds a lease, not the job. The only package that knows Redis.
 */
package org.shvideo.tasks.queue;
