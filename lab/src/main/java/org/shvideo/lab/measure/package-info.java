/** Processes to measure, their usage, and the report. */
package org.shvideo.lab.measure;
