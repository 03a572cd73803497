/** Publication of clips, the outbox of jobs, and recovery after a crash. */
package org.shvideo.capture.store;
