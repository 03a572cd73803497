package org.shvideo.worker;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.shvideo.tasks.monitoring.CheckResult;

/**
 * What a supervised worker tells the process that started it: one JSON object a line. What a
 * message does not tell is null.
 *
 * @param consumer the worker's name in the queue, in its first message, before it takes jobs
 * @param model the model's name and the first digits of its checksum, with the consumer
 * @param job the id of a job that was started
 * @param attempt at this job, from 1
 * @param health of the worker, about every second
 * @param metrics of the worker, in Prometheus' text format, with the health
 * @param failure why the worker cannot work and ends
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record WorkerMessage(
    String consumer,
    String model,
    String job,
    Integer attempt,
    CheckResult health,
    String metrics,
    String failure) {

  static WorkerMessage ready(String consumer, String model) {
    return new WorkerMessage(consumer, model, null, null, null, null, null);
  }

  static WorkerMessage started(String job, int attempt) {
    return new WorkerMessage(null, null, job, attempt, null, null, null);
  }

  static WorkerMessage status(CheckResult health, String metrics) {
    return new WorkerMessage(null, null, null, null, health, metrics, null);
  }

  static WorkerMessage failed(String reason) {
    return new WorkerMessage(null, null, null, null, null, null, reason);
  }
}
