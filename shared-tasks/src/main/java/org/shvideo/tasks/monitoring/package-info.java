/**
 * What a service shows of itself over HTTP: whether it does its work ({@code /health}), and figures
 * for Prometheus ({@code /metrics}). The one package that knows Micrometer.
 */
package org.shvideo.tasks.monitoring;
