/** Benchmarks, chaos runs and evaluations: for a checkout, never in users' images. */
package org.shvideo.lab;
