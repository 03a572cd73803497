/** Storing clips: publication, recovery, and the outbox of jobs. */
package org.shvideo.capture.store;
