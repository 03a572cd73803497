/** The job: one clip to analyse, its states from queued to finished or failed, and its identity. */
package org.shvideo.tasks.job;
