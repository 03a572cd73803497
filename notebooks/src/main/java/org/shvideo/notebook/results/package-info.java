/**
 * The detection log for people: read, filtered, and summed up in tables and charts; what was
 * detected in one clip, and what differs between two analyses.
 */
package org.shvideo.notebook.results;
