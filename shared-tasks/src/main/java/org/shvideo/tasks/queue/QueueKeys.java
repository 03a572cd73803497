package org.shvideo.tasks.queue;

/** Every key of a queue in Redis; its stream, to which any client may add, has the queue's name. */
record QueueKeys(String stream) {
  /** The consumer group of the workers. */
  static final String GROUP = "workers";

  /** What the key of each job's hash begins with. */
  String jobPrefix() {
    return stream + ":job:";
  }

  /** Hash of all that is known of a job. */
  String job(String id) {
    return jobPrefix() + id;
  }

  /** Sorted set of the ids of jobs to be retried, by the time they are due. */
  String retry() {
    return stream + ":retry";
  }

  /** Stream of the jobs that were given up. */
  String dead() {
    return stream + ":dead";
  }
}
